"""What starts only beside the server, or only before it: a proxy in a container of the user's own, through which the
database is on localhost, and a CA that an init container fetches. Migrating waits for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster import Namespace

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
PROXY = """
import asyncio

async def pipe(source, target):
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()

async def serve(reader, writer):
    others = await asyncio.open_connection("postgres", 5432)
    await asyncio.gather(pipe(reader, others[1]), pipe(others[0], writer), return_exceptions=True)

async def main():
    await asyncio.sleep(3)  # as one that asks a cloud first
    await (await asyncio.start_server(serve, "127.0.0.1", 5432)).serve_forever()

asyncio.run(main())
"""
"""As much of the Cloud SQL proxy as a pod sees."""
TURN_TLS_ON = """
cd "$PGDATA"; umask 077; cat > server.pem; cp server.pem server.key; cp server.pem server.crt
"""


def container(namespace: Namespace, name: str, *command: str, **more: Any) -> dict[str, Any]:
    """A container of the user's own; Flowship's image has a shell and Python."""
    image = {"image": namespace.cluster.image, "imagePullPolicy": "IfNotPresent"}
    return {"name": name, **image, "command": list(command), "securityContext": RESTRICTED, **more}


def values(database: str, host: str) -> dict[str, Any]:
    return {
        "backendStore": {
            "existingDatabaseSecret": {"name": "database-login"},
            "postgres": {"enabled": True, "host": host, "database": database},
        },
        "extraArgs": {"workers": 1},
    }


def test_a_database_behind_a_proxy_beside_the_server_is_migrated_and_served(
    namespace: Namespace, postgres: Callable[[str], str]
) -> None:
    proxy = container(namespace, "cloud-sql-proxy", "python", "-c", PROXY)
    namespace.upgrade({**values("mlflow", "localhost"), "extraContainers": [proxy]})

    assert "write: all of it" in namespace.log("write")
    assert int(postgres("SELECT count(*) FROM runs")) == 1
    namespace.kubectl("rollout", "restart", "deployment/mlflow")
    namespace.rolled_out()
    assert "read: all of it" in namespace.log("read")
    namespace.helm("uninstall", namespace.release, "--wait")


def test_a_certificate_that_an_init_container_fetches_is_there_when_the_database_is_migrated(
    namespace: Namespace, postgres: Callable[[str], str]
) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("postgres")
    chain = b"".join(pem.bytes() for pem in (certificate.private_key_pem, *certificate.cert_chain_pems))
    namespace.kubectl("exec", "--stdin", "postgres-0", "--", "sh", "-c", TURN_TLS_ON, given=chain.decode())
    postgres("ALTER SYSTEM SET ssl = on")
    postgres("SELECT pg_reload_conf()")
    postgres("CREATE DATABASE encrypted")
    namespace.secret("authority", **{"root.crt": authority.cert_pem.bytes().decode()})

    own = namespace.named("encrypted-mlflow")
    ca = {"env": [{"name": "CA", "valueFrom": {"secretKeyRef": {"name": "authority", "key": "root.crt"}}}]}
    mount = [{"name": "ca", "mountPath": "/ca"}]
    fetch = container(namespace, "fetch", "sh", "-c", 'printf %s "$CA" > /ca/root.crt', volumeMounts=mount, **ca)
    own.upgrade(
        {
            **values("encrypted", "postgres"),
            "initContainers": [fetch],
            "extraVolumes": [{"name": "ca", "emptyDir": {}}],
            "extraVolumeMounts": mount,
            "extraEnvVars": {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/ca/root.crt"},
        }
    )

    assert "write: all of it" in own.log("write")
    encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND datname = 'encrypted'"
    assert int(postgres(encrypted)) > 0
    own.helm("uninstall", own.release, "--wait")

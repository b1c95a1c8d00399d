"""Values that break the rules of containers, mounts and the hosts of an Ingress; see `cases`."""

from __future__ import annotations

from typing import Any

from tests.unit.values.cases import AUTH, AUTH_POSTGRES, MYSQL, POSTGRES, Case

ROOT = (
    "securityContext.runAsUser, podSecurityContext.runAsUser, securityContext.runAsNonRoot: root, which is 0, is "
    "forbidden by the last, so Kubernetes would start no container. Remove runAsUser, because the image needs no root, "
    "or set the last to false."
)
HOME = (
    "extraVolumeMounts: mounts something below /root, the home of the old image's user, where Flowship's may not look. "
    "Its home is /tmp, so write /tmp instead of /root, such as /tmp/.aws."
)
NO_VOLUME = (
    "auth.sqliteFullPath, extraVolumeMounts: the first is on no volume that the second mounts, so a pod could not "
    "write users there, or would lose them. Mount a volume there, or empty the first, which keeps users on the claim "
    "of persistence."
)
PROXY = (
    "backup.enabled, extraContainers: pods that back up have no containers of the second, so they would not reach a "
    "database on localhost. Move its proxy to initContainers, with restartPolicy Always, or set the first to false."
)
ANY_NAME = (
    "ingress.hosts, allowedHosts: an item of the first has an empty host, so requests come in under any name, of which "
    "MLflow refuses those that no list names. Write the host, or the names in allowedHosts; `*` there allows every "
    "name."
)
NO_HOST_NAME = (
    "ingress.hosts: holds an item whose host is not a host name. Write names such as `mlflow.example.com` or "
    "`*.example.com`, without scheme, port or path."
)
SIDECAR = {"extraContainers": [{"name": "cloud-sql-proxy", "image": "proxy"}]}
SAME_AS_SIDECAR: dict[str, Any] = {
    "extraContainers": [],
    "initContainers": [{"name": "cloud-sql-proxy", "image": "proxy", "restartPolicy": "Always"}],
}


def mounted(path: Any) -> dict[str, Any]:
    return {"extraVolumeMounts": [{"name": "certs", "mountPath": "/certs"}, {"name": "old", "mountPath": path}]}


def hosts(*names: str) -> dict[str, Any]:
    return {"ingress.enabled": True, "ingress.hosts": [{"host": name} for name in names]}


CONTAINER_CASES = [
    Case(hosts("a.b", ""), (ANY_NAME,), {"allowedHosts": ["mlflow.example.com"]}),
    *(Case(hosts("a.b", name), (NO_HOST_NAME,), hosts("*.a.b")) for name in ("https://a", "a/b", "a:80", 'a"b', "a<b")),
    Case({"podSecurityContext.runAsUser": 0}, (ROOT,), {"securityContext.runAsNonRoot": False}),
    Case({"podSecurityContext.runAsUser": 0}, (ROOT,), {"securityContext.runAsUser": 1001}),
    Case({"securityContext.runAsUser": 0}, (ROOT,), {"securityContext.runAsUser": 1000}),
    Case({"podSecurityContext": {"runAsNonRoot": True, "runAsUser": 0}}, (ROOT,), {"podSecurityContext.runAsUser": 5}),
    *(Case(mounted(path), (HOME,), mounted("/rooted")) for path in ("/root", "/root/.aws", "//root/.config/gcloud/")),
    *(
        Case({**AUTH, **mounted(mount), "auth.sqliteFullPath": path}, (NO_VOLUME,), mounted(mended))
        for path, mount, mended in (
            ("/volumes/auth/", "/volumes/other", "/volumes"),
            ("/volumes/auth", "/volumes/auth/below", "/volumes/auth/"),
            ("/volumes", "/volumes-2", "/volumes"),
            ("/data", "data", "/"),
        )
    ),
    Case({**AUTH, "auth.sqliteFullPath": "/data"}, (NO_VOLUME,), {"auth.sqliteFullPath": "/var/lib/flowship/users"}),
    Case({**AUTH, "auth.sqliteFullPath": "/data"}, (NO_VOLUME,), {"auth.sqliteFullPath": "users"}),
    *(
        Case({**database, f"{section}.host": host, "backup.enabled": True, **SIDECAR}, (PROXY,), SAME_AS_SIDECAR)
        for section, database, host in (
            ("backendStore.postgres", POSTGRES, "localhost"),
            ("backendStore.mysql", MYSQL, "127.0.0.1"),
            ("auth.postgres", {**POSTGRES, **AUTH, **AUTH_POSTGRES}, "::1"),
        )
    ),
]
"""The rules of containers, mounts and the hosts of an Ingress."""

"""What may not be combined in the bundled databases, `postgresql` and `mysql`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.values.model.variables import BUNDLED_HOSTS
from flowship.values.rules.language.conditions import Condition, given, gives, matches
from flowship.values.rules.language.rule import Rule, unused

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Bundled:
    """A bundled server, as its rules speak of it."""

    section: str
    external: str
    """The section of a server of the same kind that exists already."""
    superuser: str
    admin_password: str
    """The key of the superuser's password."""

    @property
    def on(self) -> Condition:
        return given(f"{self.section}.enabled")


SERVERS = (
    Bundled("postgresql", "backendStore.postgres", "postgres", "postgresql.auth.postgresPassword"),
    Bundled("mysql", "backendStore.mysql", "root", "mysql.auth.rootPassword"),
)


def bundled() -> Iterator[Rule]:
    """A server that its image can make, and one place for each thing that it is made with."""
    yield Rule(
        ("mysql.fromBitnami", "mysql.image.repository"),
        given("mysql.fromBitnami") & matches("mysql.image.repository", r"(^|/)mariadb\z"),
        "the first moves a database of MySQL's, whose dump MariaDB does not take. Remove the second.",
    )
    for server in SERVERS:
        yield from _database(server)
        yield from _passwords(server)
        yield _host(server)
        yield from _moved(server)
        yield unused(f"{server.section}.primary.persistence.existingClaim", f"{server.section}.primary.persistence")


def _moved(server: Bundled) -> Iterator[Rule]:
    """Data is moved once, from Bitnami's server, to where it stays."""
    moved, kept = f"{server.section}.fromBitnami", f"{server.section}.primary.persistence.enabled"
    yield unused(moved, server.section)
    yield Rule(
        (moved, "backup.restore"),
        given(moved, "backup.restore"),
        "only one of these may be given, because one database cannot be restored from two. Set the first to false when "
        "the data is moved.",
    )
    yield Rule(
        (moved, kept),
        server.on & given(moved) & ~given(kept),
        "the data that is moved would be lost with the first pod. Set the second to true.",
    )


def _database(server: Bundled) -> Iterator[Rule]:
    database = f"{server.section}.auth.database"
    yield Rule(
        (database,),
        server.on & ~given(database),
        f"is empty, but {server.section}.enabled is true. Write the name of the database to make, such as `mlflow`.",
    )


def _passwords(server: Bundled) -> Iterator[Rule]:
    auth = f"{server.section}.auth"
    password, secret = f"{auth}.password", f"{auth}.existingSecret"
    for key in (password, server.admin_password):
        yield Rule(
            (key, secret),
            server.on & given(key, secret),
            "only one of these may be given, because the Secret holds the passwords. Keep one of them.",
            about_files=True,
        )
    yield Rule(
        (password, server.admin_password),
        server.on & given(password, server.admin_password) & matches(f"{auth}.username", rf"^({server.superuser})?\z"),
        f"only one of these may be given, because {auth}.username names nobody else than the superuser, whose password "
        f"both are. Keep one of them, or name MLflow's user in {auth}.username.",
        about_files=True,
    )
    yield unused(secret, server.section)
    for key, whose in {"adminPasswordKey": "the superuser", "userPasswordKey": f"{auth}.username"}.items():
        yield Rule(
            (f"{auth}.secretKeys.{key}",),
            given(secret) & ~given(f"{auth}.secretKeys.{key}"),
            f"is empty, but {secret} is given. Write the key under which the Secret holds the password of {whose}.",
        )


def _host(server: Bundled) -> Rule:
    host = BUNDLED_HOSTS[server.section]
    return Rule(
        (f"extraEnvVars.{host}", f"{server.section}.enabled"),
        server.on & gives(host),
        f"only one of these may be given, because the chart names the host of the server that it installs. Remove "
        f"the variable, or set {server.section}.enabled to false and write the host in {server.external}.",
    )

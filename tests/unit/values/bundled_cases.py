"""Values that break the rules of the bundled databases; see `cases`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.values.cases import Case, idle

if TYPE_CHECKING:
    from collections.abc import Iterator

A_NAME = "is not a name that Kubernetes takes. Write lower-case letters, digits and `-`, such as `mlflow-2`."
NEWLINE = "holds a line break, which the database's image cannot take. Choose a password without one."
QUOTE = "holds a quote, a backslash or a line break, which the database's image cannot take. Choose a name without one."
BITNAMI = (
    "is an image of Bitnami's, which takes other variables and keeps its data elsewhere. Remove the key, or name a "
    "copy of the official image."
)


def database(section: str, host: str, external: str) -> Iterator[Case]:
    on = {f"{section}.enabled": True}
    name = f"{section}.auth.database"
    yield Case(
        {**on, name: ""},
        (
            f"{name}: is empty, but {section}.enabled is true. Write the name of the database to make, such as "
            "`mlflow`.",
        ),
        {f"{section}.enabled": False},
    )
    for key in (name, f"{section}.auth.username"):
        for text in ("o'neill", 'a"b', "a`b", "a\\b", "a\nb"):
            yield Case({**on, key: text}, (f"{key}: {QUOTE}",), {key: "ü ann-2"})
    yield Case(
        {**on, f"extraEnvVars.{host}": "db"},
        (
            f"extraEnvVars.{host}, {section}.enabled: only one of these may be given, because the chart names the host "
            f"of the server that it installs. Remove the variable, or set {section}.enabled to false and write the "
            f"host in backendStore.{external}.",
        ),
        {f"extraEnvVars.{host}": None},
    )
    image = f"{section}.image.repository"
    for text in (f"bitnami/{section}", f"registry.example.com/bitnamilegacy/{section}"):
        yield Case({**on, image: text}, (f"{image}: {BITNAMI}",), {image: "registry.example.com/mirror/official"})
    digest = f"{section}.image.digest"
    yield Case(
        {digest: "latest"},
        (f"{digest}: is not a digest. Write `sha256:` and 64 digits from 0 to f.",),
        {digest: f"sha256:{'a' * 64}"},
    )


def claim(section: str) -> Iterator[Case]:
    persistence = f"{section}.primary.persistence"
    existing = f"{persistence}.existingClaim"
    yield Case(
        {f"{section}.enabled": True, existing: "mine", f"{persistence}.enabled": False},
        (idle(existing, f"{persistence}.enabled"),),
        {f"{persistence}.enabled": True},
    )
    yield Case({existing: "Mine"}, (f"{existing}: {A_NAME}",), {existing: "mine"})


def moved(section: str) -> Iterator[Case]:
    on = {f"{section}.enabled": True}
    key, kept = f"{section}.fromBitnami", f"{section}.primary.persistence.enabled"
    yield Case(
        {key: True},
        (idle(key, f"{section}.enabled"),),
        on,
    )
    yield Case(
        {**on, key: True, "backup.enabled": True, "backup.restore": "latest"},
        (
            f"{key}, backup.restore: only one of these may be given, because one database cannot be restored from two. "
            "Set the first to false when the data is moved.",
        ),
        {key: False},
    )
    yield Case(
        {**on, key: True, kept: False},
        (f"{key}, {kept}: the data that is moved would be lost with the first pod. Set the second to true.",),
        {kept: True},
    )


MARIADB = Case(
    {"mysql.enabled": True, "mysql.fromBitnami": True, "mysql.image.repository": "registry.example.com/mariadb"},
    (
        "mysql.fromBitnami, mysql.image.repository: the first moves a database of MySQL's, whose dump MariaDB does not "
        "take. Remove the second.",
    ),
    {"mysql.image.repository": "registry.example.com/mysql"},
)


def passwords(section: str, superuser: str, admin: str) -> Iterator[Case]:
    on = {f"{section}.enabled": True}
    auth = f"{section}.auth"
    password, secret = f"{auth}.password", f"{auth}.existingSecret"
    for key in (password, f"{auth}.{admin}"):
        yield Case({**on, key: "ses\name"}, (f"{key}: {NEWLINE}",), {key: "ses\tame$%'\""})
        yield Case(
            {**on, key: "sesame", secret: "own"},
            (
                f"{key}, {secret}: only one of these may be given, because the Secret holds the passwords. Keep one of "
                "them.",
            ),
            {secret: ""},
        )
    for username in ("", superuser):
        yield Case(
            {**on, f"{auth}.username": username, password: "sesame", f"{auth}.{admin}": "sesame"},
            (
                f"{password}, {auth}.{admin}: only one of these may be given, because {auth}.username names nobody "
                "else than the superuser, whose password both are. Keep one of them, or name MLflow's user in "
                f"{auth}.username.",
            ),
            {f"{auth}.username": "ann"},
        )
    yield Case(
        {secret: "own"},
        (idle(secret, f"{section}.enabled"),),
        on,
    )
    yield Case({**on, secret: "Own"}, (f"{secret}: {A_NAME}",), {secret: "own"})
    for key, whose in {"adminPasswordKey": "the superuser", "userPasswordKey": f"{auth}.username"}.items():
        name = f"{auth}.secretKeys.{key}"
        yield Case(
            {**on, secret: "own", name: ""},
            (
                f"{name}: is empty, but {secret} is given. Write the key under which the Secret holds the password of "
                f"{whose}.",
            ),
            {name: "x"},
        )


BUNDLED_CASES = [
    *database("postgresql", "PGHOST", "postgres"),
    *database("mysql", "MYSQL_HOST", "mysql"),
    *claim("postgresql"),
    *claim("mysql"),
    *moved("postgresql"),
    *moved("mysql"),
    MARIADB,
    *passwords("postgresql", "postgres", "postgresPassword"),
    *passwords("mysql", "root", "rootPassword"),
]

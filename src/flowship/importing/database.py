"""The URI of a tracking database, taken apart into `backendStore`.

Kubernetes puts variables into such a URI where it says `$(NAME)`; as a rule the password, from a Secret. Flowship never
puts a URI together outside the container, so that variable becomes the one that stands for the key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL

    from flowship.importing.draft import Draft

_BY_PARTS = "Write its parts in backendStore.postgres or backendStore.mysql"
FROM_A_SECRET = (
    "is a whole URI in a Secret or ConfigMap, which Flowship does not read. "
    f"{_BY_PARTS}, and put user and password into a Secret that backendStore.existingDatabaseSecret.name names."
)
REGISTRY = (
    "names a database of its own for models, which Flowship keeps in the tracking database, where they are migrated "
    "and backed up with the runs. Copy them there."
)

_SECTIONS = {"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_DRIVERS = {"postgres": ("psycopg2", "psycopg"), "mysql": ("pymysql",)}
_LOGIN = {"postgres": ("PGUSER", "PGPASSWORD"), "mysql": ("MYSQL_USERNAME", "MYSQL_PWD")}
_QUERY = {
    "postgres": {
        "application_name": "PGAPPNAME",
        "connect_timeout": "PGCONNECT_TIMEOUT",
        "options": "PGOPTIONS",
        "sslcert": "PGSSLCERT",
        "sslkey": "PGSSLKEY",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "target_session_attrs": "PGTARGETSESSIONATTRS",
    },
    "mysql": {
        "ssl_ca": "MLFLOW_MYSQL_SSL_CA",
        "ssl_cert": "MLFLOW_MYSQL_SSL_CERT",
        "ssl_key": "MLFLOW_MYSQL_SSL_KEY",
    },
}
"""Options in a URI, and the variables that say the same to the driver or to MLflow."""

_REFERENCE = re.compile(r"\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")


def tracking(draft: Draft, key: str, uri: Any) -> None:
    """Make `backendStore` of the URI that MLflow was given."""
    if uri == "":
        return
    if isinstance(uri, dict):
        draft.leave_out(key, FROM_A_SECRET)
        return
    url = _parsed(draft, uri)
    backend = url.get_backend_name() if url else ""
    if url and backend == "sqlite":
        _sqlite(draft, key, url)
    elif url and _host(url) and backend in _SECTIONS:
        _server(draft, key, url, _SECTIONS[backend])
    else:
        draft.leave_out(key, f"is not the URI of a PostgreSQL, MySQL or MariaDB server. {_BY_PARTS}.")


def registry(draft: Draft, key: str, uri: Any) -> None:
    """Translate the registry's URI into nothing, when models are where runs are."""
    runs = ("mlflow.backendStoreUri", "extraArgs.backendStoreUri", "server.value_options.backend_store_uri")
    if uri not in ("", *map(draft.given, runs)):
        draft.leave_out(key, REGISTRY)


def _parsed(draft: Draft, uri: Any) -> URL | None:
    """Give the URI with the variables whose text is known; their text is part of it, escapes included."""
    try:
        return make_url(_REFERENCE.sub(lambda found: _text(draft.variables, found), str(uri)))
    except (ArgumentError, ValueError):
        return None


def _text(variables: Mapping[str, Any], found: re.Match[str]) -> str:
    value = variables.get(found[1])
    return value if isinstance(value, str) else found[0]


def _sqlite(draft: Draft, key: str, url: URL) -> None:
    if url.database in (None, "", ":memory:"):
        draft.say(key, "is in memory, where nothing is kept. Flowship keeps runs in a SQLite file on a claim.")
    else:
        draft.leave_out(
            key,
            "is a SQLite file; Flowship's is `mlflow.db` in its data directory, on the claim of persistence. Copy it "
            "there before the first start.",
        )


def _server(draft: Draft, key: str, url: URL, kind: str) -> None:
    section = ("backendStore", kind)
    parts = {"enabled": True, "host": _host(url), "port": url.port, "database": url.database}
    for name, value in parts.items():
        if value not in (None, ""):
            draft.put(key, (*section, name), value)
    if any(map(_REFERENCE.search, (_host(url), url.database or ""))):
        draft.leave_out(key, f"takes host or database from a variable. Write them in backendStore.{kind}.")
    driver = url.drivername.partition("+")[2]
    if driver in _DRIVERS[kind]:
        draft.put(key, (*section, "driver"), driver)
    elif driver:
        draft.say(key, f"names a driver that Flowship does not have; {_DRIVERS[kind][0]} takes its place.")
    _login(draft, key, url, kind)
    for name, option in url.query.items():
        if name == "host" and not url.host:
            continue
        variable = _QUERY[kind].get(name)
        if variable and isinstance(option, str):
            draft.put(key, ("extraEnvVars", variable), option)
        else:
            draft.leave_out(
                key, f"has an option for the driver that no key stands for, `{_plain(name)}`. Do without it."
            )


def _host(url: URL) -> str:
    """Give the host, or the directory of a socket, which PostgreSQL's URLs name by an option."""
    option = url.query.get("host", "") if url.get_backend_name() == "postgresql" else ""
    return url.host or (option if isinstance(option, str) else "")


def _plain(name: str) -> str:
    """Give a name in a URI, as far as it is one; a password with a `?` in it ends there too."""
    return name if re.fullmatch("[a-z_]{1,40}", name) else "..."


def _login(draft: Draft, key: str, url: URL, kind: str) -> None:
    user, password = url.username, url.password
    sources = [_source(draft, part) for part in (user, password)]
    if secret := _one_secret(sources):
        for name, value in secret.items():
            draft.put(key, ("backendStore", "existingDatabaseSecret", name), value)
        draft.say(key, "takes user and password from a Secret, which is named now; %-escapes in it must go.")
        return
    names = ("user", "password")
    for name, part, source, variable in zip(names, (user, password), sources, _LOGIN[kind], strict=True):
        if source:
            draft.put(key, ("extraEnvVars", variable), source)
            draft.say(key, f"takes the {name} from a variable, which is now {variable}; %-escapes in it must go.")
        elif part and _REFERENCE.search(str(part)):
            draft.leave_out(
                key,
                f"takes the {name} from a variable that the file does not give. Name the Secret that holds it in "
                "backendStore.existingDatabaseSecret.name.",
            )
        elif part:
            draft.put(key, ("backendStore", kind, name), str(part))


def _source(draft: Draft, part: Any) -> Any:
    """Give the `valueFrom` that a user or password is, if it is one and nothing else."""
    found = _REFERENCE.fullmatch(str(part or ""))
    return draft.variables.get(found[1]) if found else None


def _one_secret(sources: list[Any]) -> dict[str, str] | None:
    """Give the Secret that holds both, with the key of each."""
    references = [source["valueFrom"].get("secretKeyRef") if source else None for source in sources]
    found = [each for each in references if isinstance(each, dict) and {"name", "key"} <= each.keys()]
    if len(found) < len(sources) or found[0]["name"] != found[1]["name"]:
        return None
    user, password = found
    return {"name": user["name"], "usernameKey": user["key"], "passwordKey": password["key"]}

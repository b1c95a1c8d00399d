"""The admin of basic authentication: made at the first start, and given the values' password when the values change.

A keyed digest of the last password that the values gave is kept beside the users. So a password changed in the UI
survives restarts, and one changed in the values takes effect (docs/explanation/decisions.md); the old chart ignored it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from flowship.database.own_tables import settings_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.mlflow_seams.auth.users import AuthStore

# OWASP's second choice of scrypt's cost: 32 MiB, about 50 ms. It is computed once a start.
_COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}


def digest(password: str, salt: bytes) -> str:
    """Make a digest that tells whether two passwords are equal, and nothing else."""
    hashed = hashlib.scrypt(password.encode(), salt=salt, **_COST)
    return f"{base64.b64encode(salt).decode()}:{base64.b64encode(hashed).decode()}"


def is_digest_of(password: str, kept: str) -> bool:
    """Tell whether the kept digest is this password's."""
    salt = base64.b64decode(kept.partition(":")[0])
    return hmac.compare_digest(digest(password, salt), kept)


def is_applied(engine: Engine, username: str, password: str) -> bool:
    """Tell whether the admin is there and the values gave this password last time; MLflow need not be asked then."""
    from sqlalchemy import text

    if not _gave_last(engine, username, password):
        return False
    with engine.connect() as connection:
        query = text("SELECT 1 FROM users WHERE username = :username")
        return connection.execute(query, {"username": username}).first() is not None


def apply(store: AuthStore, engine: Engine, username: str, password: str, report: Callable[[str], None]) -> None:
    """Make the admin, or give it the values' password if that is another one than the values gave last time.

    `engine` is the auth database's. The caller holds the migration lock, so that replicas do it once.
    """
    if _gave_last(engine, username, password) and store.has_user(username):
        return
    known = settings_table.get(engine, _name(username)) is not None
    report(_applied(store, username, password, known=known))
    settings_table.put(engine, _name(username), digest(password, secrets.token_bytes(16)))


def _gave_last(engine: Engine, username: str, password: str) -> bool:
    kept = settings_table.get(engine, _name(username))
    return kept is not None and is_digest_of(password, kept)


def _name(username: str) -> str:
    return f"admin-password-{hashlib.sha256(username.encode()).hexdigest()[:32]}"


def _applied(store: AuthStore, username: str, password: str, *, known: bool) -> str:
    """Do what has to be done, and say it in a sentence."""
    if not store.has_user(username):
        store.create_user(username, password, is_admin=True)
        return f"made the admin {username}"
    store.update_user(username, is_admin=True)
    if store.authenticate_user(username, password):
        return f"the admin is {username}"
    if known:
        store.update_user(username, password=password)
        return f"changed the password of the admin {username}, as auth.adminPassword did"
    return (
        f"the admin {username} has another password than auth.adminPassword, which was left alone; change the value "
        "once more to set it"
    )

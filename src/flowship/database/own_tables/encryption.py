"""The keys with which MLflow encrypts secrets of its users, and what is encrypted with another one.

MLflow makes a key for webhooks anew at each start, so that after a restart no webhook works, and encrypts secrets of
the gateway with a passphrase that is public. Here both are the operator's, or made once and kept with the data; and
what was encrypted with an older one, or with the public one, is encrypted again.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowship.database.lock import locked
from flowship.database.own_tables import settings_table
from flowship.mlflow_seams.database.encryption import PUBLIC_PASSPHRASE, Gateway, Webhooks, is_webhook_key
from flowship.values.model.finding import Finding, refusal
from flowship.values.model.server.encryption import WEBHOOK_KEY_SHAPE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Engine, Table

    from flowship.database.database import Database
    from flowship.values.model.server.encryption import Encryption

WEBHOOK_KEY = "webhook-encryption-key"
GATEWAY_PASSPHRASE = "gateway-encryption-passphrase"  # noqa: S105 - a name
"""Names under which those that nobody gave are kept in Flowship's own table."""


@dataclass(frozen=True)
class Keys:
    """The keys with which MLflow encrypts, and those with which it may have encrypted before."""

    webhook: str = field(repr=False)
    gateway: str = field(repr=False)
    older_webhook: tuple[str, ...] = field(default=(), repr=False)
    older_gateway: tuple[str, ...] = field(default=(), repr=False)


def keys(engine: Engine, given: Encryption) -> Keys:
    """Take the keys of the values, or those that are kept in the database, which are made when there are none.

    Raises:
        DatabaseError: they cannot be kept.
        ValuesError: a variable gives a key for webhooks with which nothing can be encrypted.
    """
    for name in ("webhookKey", "previousWebhookKey"):
        key = getattr(given, name)
        if key and not is_webhook_key(key):
            raise refusal([Finding(f"encryption.{name}: {WEBHOOK_KEY_SHAPE.reason}", (("encryption", name),))])
    webhook = given.webhookKey or _kept(engine, WEBHOOK_KEY, _new_key, "encryption.webhookKey")
    gateway = given.gatewayPassphrase or _kept(
        engine, GATEWAY_PASSPHRASE, secrets.token_urlsafe, "encryption.gatewayPassphrase"
    )
    return Keys(
        webhook,
        gateway,
        _others(webhook, given.previousWebhookKey, settings_table.get(engine, WEBHOOK_KEY)),
        _others(
            gateway, given.previousGatewayPassphrase, settings_table.get(engine, GATEWAY_PASSPHRASE), PUBLIC_PASSPHRASE
        ),
    )


def _kept(engine: Engine, name: str, make: Callable[[], str], key: str) -> str:
    return settings_table.keep(engine, name, make, instead=f"set {key}")


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _others(now: str, *found: str | None) -> tuple[str, ...]:
    return tuple(key for key in dict.fromkeys(found) if key and key != now)


def encrypt_again(database: Database, known: Keys, report: Callable[[str], None]) -> None:
    """Encrypt with today's keys what is encrypted with older ones, and tell of what no key opens. Each row is changed
    only from what was read: whoever is stopped in between leaves rows that the next start finds.

    Raises DatabaseError when somebody else has the database's lock for too long.
    """
    engine = database.engine()
    for kept, today, older in (
        (Webhooks, known.webhook, known.older_webhook),
        (Gateway, known.gateway, known.older_gateway),
    ):
        if not _stale(engine, kept, today):
            continue
        with locked(database, report=report):
            for row in _stale(engine, kept, today):
                found = (kept.opened(row, key) for key in (today, *older))
                content = next((each for each in found if each is not None), None)
                if content is None:
                    report(kept.lost(row))
                else:
                    _replace(engine, kept, row, kept.closed(content, today))


def _stale(engine: Engine, kept: type[Webhooks] | type[Gateway], today: str) -> list[Mapping[str, Any]]:
    """Give the rows that today's key does not open."""
    from sqlalchemy import inspect, select

    if not inspect(engine).has_table(kept.table):
        return []
    table = _table(engine, kept)
    asked = select(*(table.c[name] for name in (*_identity(kept, table), *kept.columns)))
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(asked).mappings()]
    return [row for row in rows if row[kept.columns[1]] is not None and not kept.is_todays(row, today)]


def _replace(
    engine: Engine, kept: type[Webhooks] | type[Gateway], row: Mapping[str, Any], changed: Mapping[str, Any]
) -> None:
    from sqlalchemy import update

    table = _table(engine, kept)
    same = (table.c[name] == row[name] for name in (*_identity(kept, table), kept.columns[1]))
    with engine.begin() as connection:
        connection.execute(update(table).where(*same).values(**changed))


def _identity(kept: type[Webhooks] | type[Gateway], table: Table) -> list[str]:
    """Give the columns of the table's key; one of them came with workspaces."""
    return [name for name in kept.identity if name in table.c]


def _table(engine: Engine, kept: type[Webhooks] | type[Gateway]) -> Table:
    from sqlalchemy import MetaData, Table

    return Table(kept.table, MetaData(), autoload_with=engine)

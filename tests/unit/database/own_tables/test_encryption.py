from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from flowship.database.engine import open_engine
from flowship.database.own_tables import settings_table
from flowship.database.own_tables.encryption import WEBHOOK_KEY, Keys, encrypt_again, keys
from flowship.database.url import sqlite_url
from flowship.errors import ValuesError
from flowship.mlflow_seams.database.encryption import PUBLIC_PASSPHRASE, Gateway, Webhooks, _gateway_key, is_webhook_key
from flowship.values.model.server.encryption import Encryption
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

OLD, NEW = "A" * 43 + "=", "B" * 42 + "A="
TODAY = Keys(NEW, "new", older_webhook=(OLD,), older_gateway=("old", PUBLIC_PASSPHRASE))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(sqlite_url(tmp_path / "mlflow.db"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE webhooks (workspace TEXT, webhook_id TEXT, name TEXT, secret TEXT)"))
        connection.execute(
            text("CREATE TABLE secrets (secret_id TEXT, secret_name TEXT, wrapped_dek BLOB, kek_version INTEGER)")
        )
    return engine


def hook(engine: Engine, name: str, key: str | None) -> None:
    secret = Webhooks.closed(f"secret of {name}".encode(), key)["secret"] if key else None
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO webhooks VALUES ('default', :name, :name, :secret)"), {"name": name, "secret": secret}
        )


def provider(engine: Engine, name: str, passphrase: str, version: int = 1) -> None:
    row = {"name": name, **Gateway.closed(f"key of {name}".encode(), passphrase), "kek_version": version}
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO secrets VALUES (:name, :name, :wrapped_dek, :kek_version)"), row)


def rows(engine: Engine, table: str) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608 - a name of this file
        return {row["name" if table == "webhooks" else "secret_name"]: dict(row) for row in found}


def test_the_values_decide(engine: Engine) -> None:
    given = Encryption(webhookKey=NEW, gatewayPassphrase="new", previousWebhookKey=OLD, previousGatewayPassphrase="old")

    assert keys(engine, given) == TODAY
    assert settings_table.get(engine, WEBHOOK_KEY) is None


def test_keys_that_nobody_gives_are_made_once_and_kept(engine: Engine) -> None:
    first, second = keys(engine, Encryption()), keys(engine, Encryption())

    assert first == second
    assert is_webhook_key(first.webhook)
    assert len(first.gateway) == 43
    assert first.older_gateway == (PUBLIC_PASSPHRASE,)
    assert "A" not in repr(first).replace("Keys", "")


def test_kept_keys_are_older_ones_when_the_values_give_others(engine: Engine) -> None:
    kept = keys(engine, Encryption())

    given = keys(engine, Encryption(webhookKey=NEW, gatewayPassphrase="new"))

    assert given == Keys(NEW, "new", (kept.webhook,), (kept.gateway, PUBLIC_PASSPHRASE))


def test_a_key_with_which_nothing_can_be_encrypted_is_refused(engine: Engine) -> None:
    with pytest.raises(ValuesError) as refused:
        keys(engine, Encryption(previousWebhookKey="from a variable"))

    assert refused.value.findings == (
        "encryption.previousWebhookKey: is no key for webhooks. Write 32 random bytes in URL-safe Base64, as `openssl "
        "rand -base64 32 | tr +/ -_` prints.",
    )


def test_what_older_keys_encrypted_is_encrypted_again(engine: Engine) -> None:
    hook(engine, "older", OLD)
    hook(engine, "todays", NEW)
    hook(engine, "without", None)
    provider(engine, "public", PUBLIC_PASSPHRASE)
    provider(engine, "older", "old")
    provider(engine, "todays", "new")
    before = rows(engine, "webhooks"), rows(engine, "secrets")
    said: list[str] = []

    encrypt_again(tracking_at(engine.url), TODAY, said.append)

    hooks, providers = rows(engine, "webhooks"), rows(engine, "secrets")
    assert said == []
    assert [Webhooks.opened(hooks[name], NEW) for name in ("older", "todays")] == [
        b"secret of older",
        b"secret of todays",
    ]
    assert {name: Gateway.opened(row, "new") for name, row in providers.items()} == {
        name: f"key of {name}".encode() for name in ("public", "older", "todays")
    }
    assert (hooks["todays"], hooks["without"]) == (before[0]["todays"], before[0]["without"])
    assert providers["todays"] == before[1]["todays"]

    encrypt_again(tracking_at(engine.url), TODAY, said.append)
    assert (rows(engine, "webhooks"), rows(engine, "secrets")) == (hooks, providers)


def test_who_is_stopped_in_between_leaves_the_rest_to_the_next(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        provider(engine, name, PUBLIC_PASSPHRASE)
    closed = Gateway.closed
    calls: list[str] = []

    def stopped(content: Any, key: str) -> dict[str, Any]:
        calls.append(key)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return closed(content, key)

    with monkeypatch.context() as patched:
        patched.setattr(Gateway, "closed", staticmethod(stopped))
        with pytest.raises(KeyboardInterrupt):
            encrypt_again(tracking_at(engine.url), TODAY, print)
    assert sum(Gateway.is_todays(row, "new") for row in rows(engine, "secrets").values()) == 1

    encrypt_again(tracking_at(engine.url), TODAY, print)
    assert all(Gateway.is_todays(row, "new") for row in rows(engine, "secrets").values())


def test_what_no_key_opens_stays_and_is_told_with_what_to_write(engine: Engine) -> None:
    hook(engine, "lost", "C" * 42 + "A=")
    provider(engine, "lost", "forgotten")
    before = rows(engine, "webhooks"), rows(engine, "secrets")
    said: list[str] = []

    encrypt_again(tracking_at(engine.url), TODAY, said.append)

    assert (rows(engine, "webhooks"), rows(engine, "secrets")) == before
    assert said == [
        'the secret of webhook "lost" is encrypted with a key that is not known any more. Give the webhook a new '
        "secret, or write the key into encryption.previousWebhookKey.",
        'the secret "lost" of the gateway is encrypted with a passphrase that is not known any more. Give it a new '
        "value, or write the passphrase into encryption.previousGatewayPassphrase.",
    ]


def test_a_passphrase_that_mlflows_own_command_brought_in_is_read_without_its_version(engine: Engine) -> None:
    wrapped = b"n" * 12 + AESGCM(_gateway_key("new", 2)).encrypt(b"n" * 12, b"key", None)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO secrets VALUES ('id', 'v2', :wrapped, 2)"), {"wrapped": wrapped})

    encrypt_again(tracking_at(engine.url), TODAY, print)

    assert Gateway.is_todays(rows(engine, "secrets")["v2"], "new")


def test_a_database_without_these_tables_has_nothing_to_encrypt(tmp_path: Path) -> None:
    encrypt_again(tracking_at(sqlite_url(tmp_path / "empty.db")), TODAY, pytest.fail)

"""MLflow encrypts as Flowship thinks it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.database.encryption import Gateway, Webhooks
from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path

KEY = "A" * 43 + "="
LOSE = "UPDATE webhooks SET secret = 'lost' WHERE name = 'b'"
HOOKS = """
import os
from flowship.mlflow_seams.database import encryption as ours
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore
from mlflow.entities.webhook import WebhookEvent, WebhookEntity, WebhookAction
from sqlalchemy import text
os.environ[ours.WEBHOOK_KEY] = KEY
ours.use_webhook_key()
store = SqlAlchemyStore(URL)
events = [WebhookEvent(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED)]
for name in ("a", "b"):
    store.create_webhook(name, "https://1.1.1.1", events, secret="sesame")
with store.engine.begin() as connection:
    print(connection.execute(text("SELECT secret FROM webhooks")).scalar())
    connection.execute(text(LOSE))
found = {hook.name: hook.secret for hook in store.list_webhooks()}
print(found["a"], found["b"] not in {None, "", "lost", "sesame"}, len(found["b"]))
"""


def test_mlflow_reads_these_variables_and_has_this_public_passphrase() -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.database import encryption as ours; from mlflow.utils import crypto;"
        "from mlflow.environment_variables import MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY as webhooks;"
        "print(webhooks.name == ours.WEBHOOK_KEY, crypto.CRYPTO_KEK_PASSPHRASE_ENV_VAR == ours.GATEWAY_PASSPHRASE,"
        "crypto.CRYPTO_KEK_VERSION_ENV_VAR == ours.GATEWAY_VERSION,"
        "crypto.DEFAULT_KEK_PASSPHRASE == ours.PUBLIC_PASSPHRASE, crypto.KEKManager('x').kek_version == ours.VERSION)"
    )

    assert printed == "True True True True True"


def test_each_opens_what_the_other_has_closed() -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.database.encryption import Gateway; from mlflow.utils import crypto\n"
        "for version in (1, 2):\n"
        "    sent = crypto._encrypt_secret('sesame', crypto.KEKManager('p w', version), 'id', 'name')\n"
        "    row = {'wrapped_dek': sent.wrapped_dek, 'kek_version': version}\n"
        "    content = Gateway.opened(row, 'p w')\n"
        "    changed = Gateway.closed(content, 'new')\n"
        "    print(Gateway.is_todays(row, 'p w'), Gateway.opened(row, 'other'), Gateway.is_todays(changed, 'new'),"
        " crypto._decrypt_secret(sent.encrypted_value, changed['wrapped_dek'], crypto.KEKManager('new'), 'id', 'name'))"
    )

    assert printed.splitlines() == ["True None True sesame", "False None True sesame"]


def test_mlflow_keeps_what_it_encrypts_in_these_columns() -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.database.encryption import Gateway, Webhooks;"
        "from mlflow.store.db.base_sql_model import Base;"
        "import mlflow.store.tracking.dbmodels.models, mlflow.store.model_registry.dbmodels.models as models;"
        "tables = Base.metadata.tables;"
        "print(all({*kept.identity, *kept.columns} <= set(tables[kept.table].c.keys()) and"
        " set(tables[kept.table].primary_key.columns.keys()) <= set(kept.identity) for kept in (Gateway, Webhooks)));"
        "print([(table.name, column.name) for table in tables.values() for column in table.c"
        " if isinstance(column.type, models.EncryptedString)])"
    )

    assert printed.splitlines() == ["True", "[('webhooks', 'secret')]"]


def test_webhooks_are_encrypted_with_the_key_of_the_environment_whenever_that_came(tmp_path: Path) -> None:
    printed = in_mlflow(f"URL, KEY, LOSE = {(f'sqlite:///{with_tables(tmp_path)}/mlflow.db', KEY, LOSE)!r}\n" + HOOKS)

    encrypted, found = printed.splitlines()
    assert Webhooks.opened({"secret": encrypted}, KEY) == b"sesame"
    assert found == "sesame True 43"


def test_what_is_no_ciphertext_is_opened_by_no_key() -> None:
    assert Gateway.opened({"wrapped_dek": b"short", "kek_version": 1}, "x") is None
    assert Webhooks.opened({"secret": "lost"}, KEY) is None

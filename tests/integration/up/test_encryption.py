"""Secrets of webhooks and of the gateway's providers outlive a restart, and a change of the keys that encrypt them."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import requests

from flowship.mlflow_seams.database.encryption import PUBLIC_PASSPHRASE, Gateway, Webhooks
from tests.effects import shows
from tests.integration.flowship import Running, run, running, write_values

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND = "A" * 43 + "=", "B" * 42 + "A="
HOOK = {
    "name": "hook",
    "url": "https://1.1.1.1/",
    "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}],
    "secret": "sesame",
}
PROVIDER = {"secret_name": "provider", "secret_value": {"api_key": "sk-0123456789"}, "provider": "openai"}


def post(server: Running, path: str, body: dict[str, Any]) -> None:
    answer = requests.post(f"{server.address}/{path}", json=body, timeout=30)
    assert answer.status_code == 200, answer.text


def names_of_webhooks(server: Running) -> list[str]:
    answer = requests.get(f"{server.address}/api/2.0/mlflow/webhooks", timeout=30)
    assert answer.status_code == 200, answer.text
    return [hook["name"] for hook in answer.json()["webhooks"]]


def row(data: Path, table: str, *columns: str) -> dict[str, Any]:
    """What the database holds, which has one."""
    with contextlib.closing(sqlite3.connect(data / "mlflow.db")) as database:
        found = database.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchone()  # noqa: S608 - names of ours
        return dict(zip(columns, found, strict=True))


def provider(data: Path) -> dict[str, Any]:
    return row(data, "secrets", "wrapped_dek", "kek_version")


@shows("encryption.webhookKey", "encryption.previousWebhookKey")
def test_what_is_encrypted_outlives_restarts_and_new_keys(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running({}, data=data) as server:
        post(server, "api/2.0/mlflow/webhooks", HOOK)
        post(server, "ajax-api/3.0/mlflow/gateway/secrets/create", PROVIDER)
        post(server, "api/2.0/mlflow/webhooks", {**HOOK, "name": "lost"})
    content = _as_mlflow_alone_would_have_left_it(data)

    given = {"webhookKey": FIRST, "gatewayPassphrase": "the first passphrase of the test"}
    with running({"encryption": given}, data=data) as server:
        assert sorted(names_of_webhooks(server)) == ["hook", "lost"]
        assert 'the secret of webhook "lost" is encrypted with a key that is not known any more' in server.log()
        assert "sesame" not in server.log()
    assert Webhooks.opened(row(data, "webhooks", "secret"), FIRST) == b"sesame"
    assert Gateway.opened(provider(data), given["gatewayPassphrase"]) == content

    changed = {"webhookKey": SECOND, "previousWebhookKey": FIRST, "gatewayPassphrase": "the second one"}
    file = write_values(tmp_path / "changed.yaml", {"encryption": changed})
    before = {"FLOWSHIP_PREVIOUS_GATEWAY_PASSPHRASE": given["gatewayPassphrase"]}
    done = run("migrate", "-f", str(file), "--data", str(data), environ=before)
    assert done.returncode == 0, done.stderr
    assert Webhooks.opened(row(data, "webhooks", "secret"), SECOND) == b"sesame"
    assert Gateway.opened(provider(data), "the second one") == content


def _as_mlflow_alone_would_have_left_it(data: Path) -> Any:
    """Encrypt the provider's secret with the public passphrase, and a webhook's with a key that is gone. Returns what
    the former is."""
    with contextlib.closing(sqlite3.connect(data / "mlflow.db")) as database, database:
        select = "SELECT value FROM flowship_settings WHERE name = 'gateway-encryption-passphrase'"
        content = Gateway.opened(provider(data), database.execute(select).fetchone()[0])
        assert content
        public = Gateway.closed(content, PUBLIC_PASSPHRASE)
        database.execute("UPDATE secrets SET wrapped_dek = ?, kek_version = ?", tuple(public.values()))
        lost = Webhooks.closed(b"x", "C" * 42 + "A=")["secret"]
        database.execute("UPDATE webhooks SET secret = ? WHERE name = 'lost'", (lost,))
    return content

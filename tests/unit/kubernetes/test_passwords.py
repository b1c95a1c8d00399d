from __future__ import annotations

import base64
from typing import Any

import pytest

from flowship.kubernetes.passwords import Wanted, additions, missing_keys, new_secret

WANTED = Wanted("mlflow-postgresql", ("password", "postgres-password"), "mlflow")


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (None, ["password", "postgres-password"]),
        ({"metadata": {}}, ["password", "postgres-password"]),
        ({"metadata": {}, "data": None}, ["password", "postgres-password"]),
        ({"metadata": {}, "data": {"password": "eA==", "other": "eA=="}}, ["postgres-password"]),
        ({"metadata": {}, "data": {"password": "", "postgres-password": "eA=="}}, ["password"]),
        ({"metadata": {}, "data": {"password": "eA==", "postgres-password": "eA=="}}, []),
    ],
)
def test_what_is_there_is_not_missing(found: dict[str, Any] | None, missing: list[str]) -> None:
    assert missing_keys(found, WANTED.keys) == missing


def test_a_new_secret_belongs_to_the_release_and_outlives_it() -> None:
    metadata = new_secret(WANTED, WANTED.keys, "team-a")["metadata"]

    assert metadata["name"] == "mlflow-postgresql"
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "Helm"}
    assert metadata["annotations"] == {
        "helm.sh/resource-policy": "keep",
        "meta.helm.sh/release-name": "mlflow",
        "meta.helm.sh/release-namespace": "team-a",
    }


def test_passwords_are_long_different_each_time_and_plain_text() -> None:
    found = [new_secret(WANTED, WANTED.keys, "team-a")["data"] for _ in range(10)]
    passwords = {base64.b64decode(value).decode() for data in found for value in data.values()}

    assert len(passwords) == 20
    assert {len(password) for password in passwords} == {32}
    assert all(password.replace("-", "").replace("_", "").isalnum() for password in passwords)


def test_what_is_added_touches_no_other_key_and_only_this_version() -> None:
    changes = additions({"metadata": {"resourceVersion": "7"}, "data": {"password": "eA=="}}, ["postgres-password"])

    assert changes["metadata"] == {"resourceVersion": "7", "annotations": {"helm.sh/resource-policy": "keep"}}
    assert changes["data"].keys() == {"postgres-password"}
    assert "data" not in additions({"metadata": {"resourceVersion": "7"}}, [])

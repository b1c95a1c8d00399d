from __future__ import annotations

import json
from typing import Any

import pytest

from flowship.mlflow_seams.server.app import default_allowed_hosts
from flowship.server.http.addresses.hosts import is_allowed
from tests.unit.in_mlflow import in_mlflow


def found(environment: dict[str, str]) -> Any:
    return json.loads(
        in_mlflow(
            f"import os, json; os.environ.update({environment!r});"
            "from flowship.mlflow_seams.server import hosts;"
            "exempt = [path for path in ('/health', '/team/version', '/version', '/api') if hosts.is_exempt()(path)];"
            "print(json.dumps([hosts.checked_hosts(), hosts.refusal(), exempt]))"
        )
    )


def test_the_hosts_are_those_of_mlflows_own_check() -> None:
    checked, sentence, exempt = found({"_MLFLOW_STATIC_PREFIX": "/team"})

    assert checked == default_allowed_hosts()
    assert sentence == "Invalid Host header - possible DNS rebinding attack detected"
    assert exempt == ["/team/version"]
    assert found({"MLFLOW_SERVER_ALLOWED_HOSTS": "a.example, b.example"})[0] == ["a.example", "b.example"]


@pytest.mark.parametrize("name", ["MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "MLFLOW_SERVER_ALLOWED_HOSTS"])
def test_without_mlflows_check_there_is_none(name: str) -> None:
    assert found({name: "true" if "DISABLE" in name else "*"})[0] is None


def test_of_mlflows_own_patterns_each_lets_an_address_in_and_no_name_that_begins_like_one() -> None:
    patterns = default_allowed_hosts()
    wild = [pattern for pattern in patterns if pattern.endswith(".*")]

    assert len(wild) == 18
    for pattern in wild:
        begin = pattern.removesuffix("*")
        assert is_allowed(f"{begin}{'.'.join('1' * (4 - begin.count('.')))}:5000", patterns)
        assert not is_allowed(f"{begin}evil.example", patterns)

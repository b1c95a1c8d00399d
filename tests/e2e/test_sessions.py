"""Two replicas on one database, replaced while people are signed in and programs have tokens: nobody is logged out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster import until
from tests.e2e.loading import at_work
from tests.e2e.test_postgres import ADMIN, PASSWORD, VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster import Namespace

AT_ONCE = {"session", "token", "new session", "new token"}


@pytest.fixture(scope="module")
def installed(namespace: Namespace, postgres: Callable[[str], str], keys: dict[str, str]) -> Namespace:
    namespace.secret("admin", username=ADMIN, password=PASSWORD)
    namespace.upgrade({**VALUES, "replicaCount": 2})
    return namespace


def test_a_rolling_update_logs_nobody_out_and_loses_no_request(installed: Namespace) -> None:
    before = {pod["metadata"]["uid"] for pod in installed.pods}
    address = f"http://mlflow.{installed.name}:5000"
    with at_work(installed, "people.py", address, ADMIN=ADMIN, PASSWORD=PASSWORD) as outcome:
        for _ in range(2):
            installed.kubectl("rollout", "restart", "deployment/mlflow")
            installed.rolled_out()
            until(lambda: len(installed.get("pods")) == len(installed.pods) + 3, "the old pods are gone")
    after = {pod["metadata"]["uid"] for pod in installed.pods}

    assert len(after) == 2
    assert before.isdisjoint(after)
    assert outcome.failed == {}
    assert {kind for kind, number in outcome.done.items() if number > 20} == AT_ONCE

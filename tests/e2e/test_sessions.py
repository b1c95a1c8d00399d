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


def test_a_rolling_update_logs_nobody_out(installed: Namespace) -> None:
    """Each request is answered, and well. Connections that are not made are counted in test_postgres.py."""
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
    assert {kind for kind in AT_ONCE if outcome.done[kind] > 20} == AT_ONCE

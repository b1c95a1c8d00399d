from __future__ import annotations

import pytest

from flowship.checks.capacity import MAX_OVERFLOW, POOL_CLASS, POOL_SIZE, connections_of_a_worker, said


@pytest.mark.parametrize(
    ("environ", "number"),
    [
        ({}, 15),
        ({POOL_SIZE: "10"}, 20),
        ({POOL_SIZE: "2", MAX_OVERFLOW: "0"}, 12),  # MLflow takes nought for nothing said
        ({POOL_SIZE: "2", MAX_OVERFLOW: "4"}, 6),
        ({MAX_OVERFLOW: "-1"}, None),
        ({POOL_CLASS: "NullPool"}, None),
        ({POOL_CLASS: "QueuePool"}, 15),
    ],
)
def test_what_a_worker_may_have_in_use(environ: dict[str, str], number: int | None) -> None:
    assert connections_of_a_worker(environ) == number


def test_what_fits_is_told() -> None:
    assert said("backendStore.postgres", each=15, workers=4, pods=1, limit=97) == (
        True,
        "backendStore.postgres: 4 workers x 15 connections are 60 at most, and the database has 97",
    )


def test_what_does_not_fit_is_told_with_what_to_change() -> None:
    assert said("backendStore.postgres", each=15, workers=4, pods=2, limit=97) == (
        False,
        "backendStore.postgres: 2 pods x 4 workers x 15 connections are 120 at most, and the database has 97: under"
        " load, requests are answered by 503. Raise its max_connections, or lower extraArgs.workers or"
        f" extraEnvVars.{POOL_SIZE} and {MAX_OVERFLOW}.",
    )

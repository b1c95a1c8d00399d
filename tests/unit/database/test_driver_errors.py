from __future__ import annotations

from typing import Any

import psycopg
import psycopg2.errors
import pymysql
import pytest

from flowship.database.driver_errors import number_of, state_of


def deadlock_in_psycopg2() -> Exception:
    """An error as psycopg2 raises it, which gives it its state in C."""
    error: Any = psycopg2.errors.DeadlockDetected("deadlock detected")
    error.__setstate__({"pgcode": "40P01"})
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize(
    ("error", "state", "number"),
    [
        (deadlock_in_psycopg2(), "40P01", None),
        (psycopg.errors.DeadlockDetected("deadlock detected"), "40P01", None),
        (psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly"), "", None),
        (pymysql.err.OperationalError(1213, "Deadlock found when trying to get lock"), "", 1213),
        (ValueError(), "", None),
        (ValueError(["not a number"]), "", None),
    ],
)
def test_an_error_is_told_by_its_state_or_its_number(error: Exception, state: str, number: int | None) -> None:
    assert (state_of(error), number_of(error)) == (state, number)

"""A migration of PostgreSQL while requests of a server of before hold the tables that it changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from flowship.database.engine import open_engine
from flowship.database.migrating import table_locks
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.part import Part
from flowship.until import until
from tests.databases import databases_at
from tests.integration.database.places import make_old, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Connection

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "postgresql+psycopg"])
def test_a_request_that_needs_what_the_migration_changes_is_let_go_first(
    empty: Callable[[str], URL], driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request holds one table, and asks for an earlier one only when the migration waits: a deadlock, otherwise."""
    url = empty(driver)
    make_old(url)
    monkeypatch.setattr(table_locks, "SOON", 0.5)
    said: list[str] = []
    with open_engine(url).connect() as request:
        change(request, "trace_info")
        migration = threading.Thread(
            target=migrate, args=(databases_at(url),), kwargs={"upgrade": True, "report": said.append}
        )
        migration.start()
        assert until(lambda: any("requests hold some of" in each for each in said), every=0.1, limit=300)
        assert until(lambda: scalar(url, WAITING) == 1, every=0.01, limit=300)
        change(request, "experiments")
        change(request, "runs")
        request.commit()
        migration.join(300)

    assert read_state(open_engine(url), Part.TRACKING).standing is Standing.CURRENT
    (told,) = [each for each in said if "requests hold some of" in each]
    assert "experiments" in told
    assert told.endswith("waiting until they end")


def change(request: Connection, table: str) -> None:
    """Hold a table as a request does that writes to it."""
    request.exec_driver_sql(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")

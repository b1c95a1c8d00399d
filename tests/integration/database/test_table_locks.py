"""A migration of PostgreSQL while requests of a server of before hold the tables that it changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from alembic.command import upgrade
from mlflow.store.db.utils import _get_alembic_config
from sqlalchemy import StaticPool, event, inspect

from flowship.database.engine import open_engine
from flowship.database.migrating import table_locks
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.outlook import Outlook, outlook
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.part import Part
from flowship.mlflow_seams.database import revisions
from flowship.until import until
from tests.databases import databases_at
from tests.integration.database.places import make_old, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Connection

AGAINST_WRITERS = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock")
OWN_LOCKS = """SELECT mode, relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    WHERE pid = pg_backend_pid() AND relkind = 'r' AND relname NOT LIKE 'pg_%%'"""
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


def test_the_locks_that_each_revision_takes_are_those_that_were_taken_first(empty: Callable[[str], URL]) -> None:
    url = empty("postgresql+psycopg2")
    make_old(url)
    for revision in list(revisions.TRACKING):
        if revision not in Part.TRACKING.revisions:  # of the MLflow after this one
            continue
        with open_engine(url).connect() as connection:
            existing = set(inspect(connection).get_table_names())
            before = str(scalar(url, "SELECT version_num FROM alembic_version"))
        ahead = outlook(Part.TRACKING, "postgresql", before)
        this = Outlook(ahead.part, ahead.kind, ahead.pending[:1])
        asked = table_locks.wanted(this, existing, table_locks.parents())
        taken = locks_of(url, revision)

        assert this.pending[0].revision == revision
        assert taken.get("AccessExclusiveLock", set()) & existing <= set(asked.get(table_locks.FOR_ITSELF, [])), (
            revision
        )
        strong = set[str]().union(*(taken.get(mode, set()) for mode in AGAINST_WRITERS)) & existing
        assert strong <= set[str]().union(*asked.values()), revision


def locks_of(url: URL, revision: str) -> dict[str, set[str]]:
    """Apply one revision; the tables that were locked when it was about to commit, by mode."""
    engine = open_engine(url, pool=StaticPool)
    found: dict[str, set[str]] = {}

    def look(connection: Connection) -> None:
        for mode, table in connection.exec_driver_sql(OWN_LOCKS):
            found.setdefault(mode, set()).add(table)

    event.listen(engine, "commit", look)
    config = _get_alembic_config(url.render_as_string(hide_password=False))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, revision)
    engine.dispose()
    return found


def change(request: Connection, table: str) -> None:
    """Hold a table as a request does that writes to it."""
    request.exec_driver_sql(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")

"""A backup of each kind of database, and its restore into an empty one."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from flowship.backup import record
from flowship.backup.restoring import restore
from flowship.backup.taking import take
from flowship.database.engine import open_engine
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import unfinished_restore
from flowship.database.part import Part
from tests.databases import databases_at, tracking_at
from tests.integration.backup.rows import KINDS, TEXTS, silent, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from flowship.backup.catalog import Catalog

each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_every_row_comes_back_whatever_is_in_it(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog, kind: str
) -> None:
    source, target = filled(kind), empty(kind)
    manifest = take(databases_at(source), catalog, 7, os.environ, silent)
    restore(databases_at(target), catalog, "latest", os.environ, silent)

    rows = manifest.databases[Part.TRACKING].rows
    assert rows["public.experiment_tags" if kind.startswith("postgres") else "experiment_tags"] == len(TEXTS)
    assert manifest.databases[Part.TRACKING].revisions == {"alembic_version": Part.TRACKING.head}
    assert tags(target) == TEXTS
    assert read_state(open_engine(target), Part.TRACKING).standing is Standing.CURRENT
    assert unfinished_restore.find(tracking_at(target)) is None
    assert record.last(open_engine(source)) == record.last(open_engine(target)) == manifest.time
    migrate(databases_at(target), upgrade=False, report=silent)


@each_kind
def test_a_dump_under_write_load_is_one_moment(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog, kind: str
) -> None:
    """Two rows are always written together, so a backup holds both or neither."""
    source, target = filled(kind), empty(kind)
    begun, ended = threading.Event(), threading.Event()

    def write() -> None:
        statement = "INSERT INTO registered_models (name, workspace) VALUES (:name, 'default')"
        number = 0
        with open_engine(source).connect() as connection:
            while not ended.is_set():
                with connection.begin():
                    connection.execute(text(statement), [{"name": f"a{number}"}, {"name": f"b{number}"}])
                number += 1
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(30)
    try:
        take(databases_at(source), catalog, 7, os.environ, silent)
    finally:
        ended.set()
        writer.join()
    restore(databases_at(target), catalog, "latest", os.environ, silent)

    with open_engine(target).connect() as connection:
        names = set(connection.execute(text("SELECT name FROM registered_models")).scalars())
    assert names
    assert {name[1:] for name in names if name[0] == "a"} == {name[1:] for name in names if name[0] == "b"}

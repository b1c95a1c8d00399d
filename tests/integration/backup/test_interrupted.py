"""A process that is killed anywhere loses no backup and no row, and the next try succeeds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flowship.backup.restoring import restore
from flowship.backup.taking import take
from flowship.database.drivers import MYSQL
from flowship.database.migrating.migrate import migrate
from flowship.database.own_tables import unfinished_restore
from flowship.database.part import Part
from flowship.errors import MigrationError
from tests.databases import databases_at, tracking_at
from tests.integration.backup import dying
from tests.integration.backup.rows import KINDS, SERVERS, TEXTS, silent, tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from flowship.backup.catalog import Catalog

each_kind = pytest.mark.parametrize("kind", KINDS)
KILLED = -9

WHILE_TAKING = {
    "before the dump": "after flowship.backup.catalog:Catalog.begin",
    "while it is checked": "flowship.backup.checking:digest",
    "before it has its name": "flowship.backup.catalog:Catalog.finish",
    "before it is told": "after flowship.backup.catalog:Catalog.finish",
    "while old ones are removed": "shutil:rmtree",
}


@pytest.mark.parametrize("moment", WHILE_TAKING)
def test_a_backup_that_was_killed_costs_no_good_one(
    filled: Callable[[str], URL], catalog: Catalog, moment: str
) -> None:
    source = filled("postgresql+psycopg2")
    before = take(databases_at(source), catalog, 1, os.environ, silent)

    assert dying.run("take", source, catalog, WHILE_TAKING[moment]) == KILLED
    left = catalog.good()
    assert left
    assert left[0] == before or moment == "while old ones are removed"

    after = take(databases_at(source), catalog, 1, os.environ, silent)
    assert catalog.good() == [after]
    assert [path.name for path in catalog.directory.iterdir()] == [after.name]


@pytest.mark.parametrize("kind", SERVERS)
def test_a_dump_that_was_killed_leaves_what_the_next_removes(
    filled: Callable[[str], URL], catalog: Catalog, kind: str
) -> None:
    source = filled(kind)
    assert dying.run("take", source, catalog, "after flowship.backup.programs:dump_here") == KILLED
    assert catalog.good() == []
    assert list(catalog.directory.glob("*.partial"))

    after = take(databases_at(source), catalog, 1, os.environ, silent)
    assert [path.name for path in catalog.directory.iterdir()] == [after.name]


WHILE_RESTORING = {
    "before it is marked": "flowship.database.own_tables.unfinished_restore:mark",
    "before anything is loaded": "after flowship.database.own_tables.unfinished_restore:mark",
    "before it is counted": "flowship.backup.restoring:_finish",
    "before it is remembered": "flowship.backup.record:remember_restored",
    "before the mark is removed": "flowship.database.own_tables.unfinished_restore:unmark",
}


@each_kind
@pytest.mark.parametrize("moment", WHILE_RESTORING)
def test_a_restore_that_was_killed_is_done_again(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog, kind: str, moment: str
) -> None:
    source, target = filled(kind), empty(kind)
    take(databases_at(source), catalog, 1, os.environ, silent)
    assert dying.run("restore", target, catalog, WHILE_RESTORING[moment]) == KILLED
    if moment != "before it is marked":
        with pytest.raises(MigrationError, match=r"has not finished\. .* run `flowship restore` again"):
            migrate(databases_at(target), upgrade=True, report=silent)

    restore(databases_at(target), catalog, "latest", os.environ, silent)

    assert tags(target) == TEXTS
    assert unfinished_restore.find(tracking_at(target)) is None


def test_mysql_that_was_killed_while_it_loaded_is_loaded_anew(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog
) -> None:
    """Half of the dump is there: MySQL has committed it."""
    source, target = filled(MYSQL), empty(MYSQL)
    manifest = take(databases_at(source), catalog, 1, os.environ, silent)
    dump = catalog.file(manifest, manifest.databases[Part.TRACKING].file)
    whole = dump.read_bytes()
    assert dying.run("restore", target, catalog, "after flowship.database.own_tables.unfinished_restore:mark") == KILLED
    load_half(target, whole)
    assert len(unfinished_restore.tables(tracking_at(target))) > 3

    restore(databases_at(target), catalog, "latest", os.environ, silent)

    assert tags(target) == TEXTS


def load_half(url: URL, dump: bytes) -> None:
    """Load the first tables of a dump, as a client that is killed then leaves them."""
    import gzip
    import subprocess

    from flowship.backup.programs import loading

    text = gzip.decompress(dump)
    program = loading(tracking_at(url), os.environ)
    half = text[: text.index(b"\n--\n", len(text) // 2)]
    subprocess.run(
        [program.find(), *program.arguments], env={**os.environ, **program.environment}, input=half, check=True
    )

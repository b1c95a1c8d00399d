"""What is not backed up, and what is not restored: refused before anything is touched."""

from __future__ import annotations

import gzip
import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from flowship.backup.restoring import restore
from flowship.backup.taking import take
from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating import interrupted
from flowship.database.migrating.revision import read_state
from flowship.database.own_tables import unfinished_restore
from flowship.database.own_tables.unfinished_restore import UnfinishedRestore
from flowship.database.part import Part
from flowship.errors import BackupError
from tests.databases import databases_at, tracking_at
from tests.integration.backup.rows import KINDS, SERVERS, TEXTS, fill, silent, tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from flowship.backup.catalog import Catalog

POSTGRES = "postgresql+psycopg2"
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_a_database_that_is_not_empty_stays_as_it_is(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog, kind: str
) -> None:
    take(databases_at(filled(kind)), catalog, 7, os.environ, silent)
    other = empty(kind)
    fill(other, ["mine"])

    with pytest.raises(
        BackupError, match=r"is not empty: it holds .* and \d+ more\. A backup is restored into an empty"
    ):
        restore(databases_at(other), catalog, "latest", os.environ, silent)
    assert tags(other) == ["mine"]
    assert unfinished_restore.find(tracking_at(other)) is None


def test_a_table_that_came_after_an_unfinished_restore_stays(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog
) -> None:
    take(databases_at(filled(MYSQL)), catalog, 7, os.environ, silent)
    target = empty(MYSQL)
    unfinished = UnfinishedRestore("2026-01-01T00-00-00Z", "then", ["runs"])
    unfinished_restore.mark(tracking_at(target), unfinished)
    with open_engine(target).begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))

    with pytest.raises(BackupError, match="is not empty: it holds invoices"):
        restore(databases_at(target), catalog, "latest", os.environ, silent)
    assert unfinished_restore.tables(tracking_at(target)) == ["invoices"]


@each_kind
def test_nothing_is_backed_up_where_nothing_is(empty: Callable[[str], URL], catalog: Catalog, kind: str) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        take(databases_at(empty(kind)), catalog, 7, os.environ, silent)
    assert catalog.good() == []


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_mysql_is_not_backed_up_while_it_is_migrated(
    filled: Callable[[str], URL], catalog: Catalog, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its changes of the schema belong to no transaction, so a dump would hold half of them."""
    from flowship.backup import programs

    source = filled(MYSQL)
    database = tracking_at(source)

    def begin_migration() -> None:
        interrupted.remember_begun(database, read_state(database.engine(), Part.TRACKING))

    if moment == "before":
        begin_migration()
    else:
        dump = programs.dump_here

        def dump_and_begin(program: programs.Program, file: Path) -> None:
            dump(program, file)
            begin_migration()

        monkeypatch.setattr(programs, "dump_here", dump_and_begin)
    with pytest.raises(BackupError, match=r"is being migrated, or its migration was|was migrated while it was dumped"):
        take(databases_at(source), catalog, 7, os.environ, silent)
    assert catalog.good() == []


@pytest.mark.parametrize("damage", [lambda data: data[:-9] + b"x" + data[-8:], lambda data: data[: len(data) // 2]])
@each_kind
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    filled: Callable[[str], URL],
    empty: Callable[[str], URL],
    catalog: Catalog,
    kind: str,
    damage: Callable[[bytes], bytes],
) -> None:
    manifest = take(databases_at(filled(kind)), catalog, 7, os.environ, silent)
    file = catalog.file(manifest, manifest.databases[Part.TRACKING].file)
    file.write_bytes(damage(file.read_bytes()))
    target = empty(kind)

    with pytest.raises(BackupError, match=r"is damaged: its SHA-256 is not|holds no good backup latest"):
        restore(databases_at(target), catalog, "latest", os.environ, silent)
    assert unfinished_restore.tables(tracking_at(target)) == []
    assert unfinished_restore.find(tracking_at(target)) is None


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_dump_that_was_cut_short_never_becomes_a_backup(
    filled: Callable[[str], URL], catalog: Catalog, kind: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a program that says that all went well, as one in a container may."""
    from flowship.backup import programs

    dump = programs.dump_here

    def cut_short(program: programs.Program, file: Path) -> None:
        dump(program, file)
        with file.open("r+b") as raw:
            raw.truncate(int(file.stat().st_size * share))

    source = filled(kind)
    good = take(databases_at(source), catalog, 1, os.environ, silent)
    monkeypatch.setattr(programs, "dump_here", cut_short)
    with pytest.raises(BackupError, match=r"is not complete: its end is missing|holds no revision"):
        take(databases_at(source), catalog, 1, os.environ, silent)
    assert catalog.good() == [good]


def test_a_dump_of_another_kind_is_refused(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog
) -> None:
    take(databases_at(filled("sqlite")), catalog, 7, os.environ, silent)

    with pytest.raises(BackupError, match=r"cannot take a dump of sqlite\. Name an empty database of that kind"):
        restore(databases_at(empty(POSTGRES)), catalog, "latest", os.environ, silent)


def test_a_backup_of_a_newer_mlflow_is_refused(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog
) -> None:
    source = filled("sqlite")
    with open_engine(source).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    take(databases_at(source), catalog, 7, os.environ, silent)

    with pytest.raises(BackupError, match="is at revision ffffffffffff, which this MLflow does not know"):
        restore(databases_at(empty("sqlite")), catalog, "latest", os.environ, silent)


@pytest.mark.parametrize("kind", SERVERS)
def test_rows_that_did_not_come_in_are_told(
    filled: Callable[[str], URL], empty: Callable[[str], URL], catalog: Catalog, kind: str
) -> None:
    """The manifest is made to ask for one row more than the dump has."""
    manifest = take(databases_at(filled(kind)), catalog, 7, os.environ, silent)
    name = "public.experiment_tags" if kind == POSTGRES else "experiment_tags"
    dump = manifest.databases[Part.TRACKING]
    more = dump.model_copy(update={"rows": {**dump.rows, name: len(TEXTS) + 1}})
    changed = manifest.model_copy(update={"databases": {Part.TRACKING: more}})
    (catalog.directory / manifest.name / "manifest.json").write_text(changed.model_dump_json())

    with pytest.raises(BackupError, match=rf"does not hold what the backup does: {name} \({len(TEXTS)} of"):
        restore(databases_at(empty(kind)), catalog, "latest", os.environ, silent)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_machine_without_the_programs_is_told_what_to_install(
    filled: Callable[[str], URL], catalog: Catalog, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = filled(kind)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(BackupError, match=r"(pg_dump|mysqldump) is not in PATH\. Install "):
        take(databases_at(source), catalog, 7, os.environ, silent)


def test_what_the_program_says_is_told_without_the_password(filled: Callable[[str], URL], catalog: Catalog) -> None:
    source = filled(POSTGRES)
    password = str(source.password)
    with open_engine(source).begin() as connection:
        connection.execute(text("CREATE TABLE locked (id INTEGER)"))

    with pytest.raises(BackupError, match=r"pg_dump failed: .*nonsense") as caught:
        take(databases_at(source), catalog, 7, {**os.environ, "PGOPTIONS": "-c nonsense=1"}, silent)
    assert password not in str(caught.value)


def test_the_compressed_dump_can_be_read_by_anybody(filled: Callable[[str], URL], catalog: Catalog) -> None:
    manifest = take(databases_at(filled(POSTGRES)), catalog, 7, os.environ, silent)
    file = catalog.file(manifest, manifest.databases[Part.TRACKING].file)

    assert b"-- PostgreSQL database dump" in gzip.decompress(file.read_bytes())
    assert catalog.directory.stat().st_mode & 0o077 == 0

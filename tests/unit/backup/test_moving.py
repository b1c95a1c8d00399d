"""When Bitnami's database is dumped, and when its dump is restored; the servers themselves are tested on a cluster."""

from __future__ import annotations

import hashlib
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import URL

from flowship.backup import moving, restoring, taking
from flowship.backup.catalog import Catalog
from flowship.backup.manifest import Dump, Manifest, time_of
from flowship.backup.scripts import script
from flowship.backup.waiting import requested
from flowship.database.database import Database, Databases
from flowship.database.part import Part
from flowship.errors import BackupError
from flowship.values.model.root import Values
from flowship.values.model.storage.bundled import Mysql, Postgresql

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.backup.moving import Seen

URL_OF_OLD = URL.create("postgresql+psycopg2", host="mlflow-postgresql-old", port=5432, database="mlflow")
OLD = Database(Part.TRACKING, URL_OF_OLD, "postgresql")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "dumps")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The dumps that were begun."""
    found: list[Any] = []
    monkeypatch.setattr(taking, "begin", lambda databases, *_: found.append(databases))
    return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "NAME_LIMIT", 0.0)


def known(monkeypatch: pytest.MonkeyPatch, *, name: bool) -> None:
    """Whether the name of the old server leads somewhere."""

    def look_up(host: str, port: int) -> list[str]:
        if not name:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [f"{host}:{port}"]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def dumped(catalog: Catalog) -> str:
    """Put a good dump into the directory."""
    name = catalog.begin(datetime(2026, 1, 31, 3, 17, tzinfo=UTC))
    (catalog.partial(name) / "tracking.sql.gz").write_bytes(b"")
    empty = hashlib.sha256().hexdigest()
    dump = Dump(kind="postgresql", file="tracking.sql.gz", size=0, sha256=empty, revisions={}, rows={})
    catalog.finish(Manifest(name=name, time=time_of(name), flowship="1", mlflow="3", databases={Part.TRACKING: dump}))
    return name


@pytest.mark.parametrize(("seen", "name"), [("old", False), ("old", True), ("unknown", True)])
def test_a_server_that_is_there_is_dumped_even_where_there_is_a_dump(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, work: Path, begun: list[Any], seen: Seen, name: bool
) -> None:
    """What MLflow wrote since an upgrade that failed would be lost otherwise."""
    known(monkeypatch, name=name)
    dumped(catalog)
    moving.begin_dump(OLD, seen, catalog, work, {}, print)

    assert begun == [Databases(OLD)]


@pytest.mark.parametrize(("seen", "name"), [("new", True), ("new", False), ("unknown", False)])
def test_nothing_is_dumped_once_that_was_done_and_the_server_is_gone(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, work: Path, begun: list[Any], seen: Seen, name: bool
) -> None:
    known(monkeypatch, name=name)
    dump, said = dumped(catalog), list[str]()
    moving.begin_dump(OLD, seen, catalog, work, {}, said.append)
    moving.finish_dump(OLD, catalog, work, said.append)

    assert said == [f"the dump of {dump} is here, and Bitnami's database is not; nothing is to be dumped"]
    assert begun == []
    assert script(work, Part.TRACKING).read_text() == "exit 0\n"
    assert [each.name for each in catalog.good()] == [dump]


def test_a_release_without_anything_of_bitnamis_is_refused(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, work: Path
) -> None:
    known(monkeypatch, name=False)
    with pytest.raises(
        BackupError,
        match=r"^postgresql.fromBitnami is true, but there is no database of Bitnami's in this release, nor a dump of "
        r"one. Set postgresql.fromBitnami to false.$",
    ):
        moving.begin_dump(OLD, "unknown", catalog, work, {}, print)


@pytest.mark.parametrize("moved", [None, "same"])
def test_the_newest_dump_is_restored_under_a_request_of_its_own(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, work: Path, moved: str | None
) -> None:
    dump, asked = dumped(catalog), list[Any]()
    monkeypatch.setattr(moving, "wait", lambda *_, **__: None)
    monkeypatch.setattr(restoring, "restored_from", lambda *_: moved and dump)
    monkeypatch.setattr(restoring, "begin", lambda *given, requested: asked.append((given[2], requested)))
    moving.begin_restore(OLD, catalog, work, {}, print)

    assert asked == [(dump, moving.REQUEST)]


def test_a_server_that_holds_an_older_dump_is_refused(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, work: Path
) -> None:
    dumped(catalog)
    monkeypatch.setattr(moving, "wait", lambda *_, **__: None)
    monkeypatch.setattr(restoring, "restored_from", lambda *_: "2026-01-01T00-00-00Z")
    with pytest.raises(BackupError, match=r"held at 2026-01-01.* was dumped again at 2026-01-31.* delete the claim of"):
        moving.begin_restore(OLD, catalog, work, {}, print)


def test_the_server_waits_for_what_the_values_ask_for() -> None:
    moved = requested(Values(mysql=Mysql(enabled=True, fromBitnami=True)))
    other = requested(Values(postgresql=Postgresql(enabled=True)))

    assert moved is not None
    assert (moved.name, moved.said) == (moving.REQUEST, "mysql.fromBitnami is true")
    assert other is None

"""The report of how a Flowship is: its parts, as JSON and as lines for people, and what is wrong among them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, computed_field

from flowship.database.part import Part
from flowship.garbage.record import Collected
from flowship.values.model.signing_in import Method

if TYPE_CHECKING:
    from collections.abc import Iterator


PATH = "/api/2.0/flowship/status"
"""The route by which a server tells admins."""


class Piece(BaseModel):
    """A part of the report; `wrong` is a sentence where it keeps Flowship from its work."""

    model_config = ConfigDict(frozen=True)

    wrong: str | None = None


class Versions(Piece):
    """What runs, and for Python also what it runs in."""

    flowship: str
    mlflow: str
    python: str


class DatabaseReport(Piece):
    """One database: what is in it, and how full it is; what could not be asked is None."""

    part: Part
    address: str
    """Without a password."""
    revision: str | None = None
    wanted_revision: str | None = None
    """The revision of this MLflow."""
    size: int | None = None
    """Bytes on its disk."""
    connections: int | None = None
    """Connections that anybody has to it now."""
    most_connections: int | None = None


class ArtifactsReport(Piece):
    """Where artifacts are."""

    address: str
    proxied: bool
    """Whether clients reach them through the server."""
    free: int | None = None
    """Bytes that are free, where they are in a directory."""
    size: int | None = None
    """Bytes of that directory's file system."""


class ServerReport(Piece):
    """The processes of one server."""

    since: datetime
    workers: int
    serving: int
    """Workers that answer requests now."""
    jobs: bool
    """Whether it runs MLflow's jobs."""


class Status(BaseModel):
    """The whole report. Without a server it says what values lead to: databases, artifacts and backups."""

    model_config = ConfigDict(frozen=True)

    versions: Versions
    server: ServerReport | None = None
    databases: tuple[DatabaseReport, ...] = ()
    artifacts: ArtifactsReport | None = None
    signing_in: Method
    last_backup: datetime | None = None
    """When the last good one was begun."""
    garbage: Collected | None = None
    """The last collection of garbage, if there was one."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def wrong(self) -> tuple[str, ...]:
        """What keeps Flowship from its work, in sentences."""
        pieces: tuple[Piece | None, ...] = (self.server, *self.databases, self.artifacts)
        return tuple(piece.wrong for piece in pieces if piece and piece.wrong)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


def lines(status: Status, now: datetime) -> Iterator[tuple[str, str]]:
    """Give the report as names and texts, for one screen."""
    versions = status.versions
    yield "Flowship", f"{versions.flowship}, with MLflow {versions.mlflow} on Python {versions.python}"
    if server := status.server:
        jobs = ", runs MLflow's jobs" if server.jobs else ""
        serving = f"{server.serving} of {server.workers} workers serve"
        yield "Server", f"since {_ago(server.since, now)}, {serving}{jobs}"
    for database in status.databases:
        yield f"{database.part.capitalize()} database", _database(database)
    if artifacts := status.artifacts:
        way = "through the server" if artifacts.proxied else "clients reach them directly"
        room = "" if artifacts.free is None else f", {_room(artifacts.free, artifacts.size or 0)}"
        yield "Artifacts", f"{artifacts.address}, {way}{room}"
    yield "Signing in", status.signing_in
    yield "Last backup", _ago(status.last_backup, now) if status.last_backup else "none is known"
    if collected := status.garbage:
        failed = f"; {collected.failed} could not be removed, flowship gc says why" if collected.failed else ""
        freed = f"{shown_size(collected.bytes)} and {collected.rows} rows freed"
        yield "Garbage collected", f"{_ago(collected.ended, now)}, {freed}{failed}"


def _database(database: DatabaseReport) -> str:
    said = [database.address]
    if database.revision or database.wanted_revision:
        current = database.revision == database.wanted_revision
        pending = "" if current else f", this MLflow's is {database.wanted_revision}"
        said.append(f"revision {database.revision or 'none'}{pending}")
    if database.size is not None:
        said.append(shown_size(database.size))
    if database.connections is not None:
        most = f" of {database.most_connections}" if database.most_connections else ""
        said.append(f"{database.connections}{most} connections")
    return ", ".join(said)


def _room(free: int, size: int) -> str:
    return f"{shown_size(free)} free of {shown_size(size)}"


def shown_size(size: float) -> str:
    """Give bytes as people read them, with the units that Kubernetes has."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"


def _ago(time: datetime, now: datetime) -> str:
    """Give a time, and how long ago that was."""
    seconds = max(0, int((now - time).total_seconds()))
    units = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
    number, unit = next(((seconds // size, unit) for size, unit in units if seconds >= 2 * size), (seconds, "seconds"))
    return f"{time:%Y-%m-%d %H:%M:%S} UTC ({number} {unit} ago)"

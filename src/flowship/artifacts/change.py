"""What becomes of artifacts that exist already when the values name another place.

MLflow keeps an experiment's root when it makes the experiment, the default one at its first start, and never changes
it. A root in an object store is a whole address, and stays readable with its credentials. A root behind the server,
`mlflow-artifacts:/3`, is relative to the one place that the server is told, so another place makes the artifacts of
all these experiments disappear: the list of a run is empty, without an error. MLflow can be told one such place and,
besides, a root for new experiments that clients reach directly; both are used here, and the rest is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from flowship.errors import ArtifactStoreError

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Engine

    from flowship.artifacts.location import ArtifactLocation

DESTINATION = "artifacts-destination"
"""The name under which the place behind the server is kept in Flowship's own table."""

BEHIND = "mlflow-artifacts:"


@dataclass(frozen=True)
class Roots:
    """What MLflow is told."""

    behind: str | None
    """Where the server keeps what goes through it; None when nothing does."""
    direct: str | None
    """The root of new experiments that clients reach themselves; None when they go through the server."""
    notice: str = ""
    """A sentence for the user, when old and new experiments differ."""


def experiments_behind(engine: Engine) -> int:
    """How many experiments have their artifacts behind the server, deleted ones included."""
    from sqlalchemy import column, func, inspect, select, table

    if not inspect(engine).has_table("experiments"):
        return 0
    location: ColumnClause[str] = column("artifact_location")
    query = select(func.count()).select_from(table("experiments", location)).where(location.like(f"{BEHIND}%"))
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def roots(location: ArtifactLocation, kept: str | None, experiments: int) -> Roots:
    """What to tell MLflow, so that the artifacts of `experiments` behind the server, at `kept`, are found.

    `kept` is None in a database that Flowship did not serve before; then it is where chart 0.16.5 would have kept
    them with these values.

    Raises:
        ArtifactStoreError: they would not be found.
    """
    direct = None if location.proxied else location.uri
    if experiments == 0:
        return Roots(None if direct else location.uri, direct)
    kept = kept or location.old_uri or location.uri
    if _same(kept, location.uri) or _same(kept, location.old_uri):
        return Roots(kept, direct)
    if direct:
        return Roots(kept, direct, _notice(location, kept, experiments))
    if _moved_along(kept, location.uri):
        return Roots(location.uri, None)
    raise ArtifactStoreError(
        f"{_counted(experiments)} artifacts behind the server, at {kept}. At {location.uri}, which the values name "
        f"now, they would not be found. Write artifactRoot as it was; or, with {location.key or '--data'} as it is "
        "now, copy everything that is there to the new place, and then run `flowship artifacts moved`."
    )


def _notice(location: ArtifactLocation, kept: str, experiments: int) -> str:
    return (
        f"{_counted(experiments)} artifacts behind the server, at {kept}, and stays there, as do its new runs. New "
        f"experiments keep theirs at {location.uri}."
    )


def _counted(experiments: int) -> str:
    return "1 experiment keeps its" if experiments == 1 else f"Each of {experiments} experiments keeps its"


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _moved_along(kept: str, uri: str) -> bool:
    """Whether a data directory was moved or renamed as a whole: nothing is where it was, and something is here."""
    if not (kept.startswith("file:") and uri.startswith("file:")):
        return False
    before, now = (Path(url2pathname(urlsplit(place).path)) for place in (kept, uri))
    return not _holds_something(before) and _holds_something(now)


def _holds_something(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())

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

from flowship.artifacts.behind import BEHIND
from flowship.database.own_tables import settings_table
from flowship.errors import ArtifactStoreError, DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.artifacts.location import ArtifactLocation

DESTINATION = "artifacts-destination"
"""The name under which the place behind the server is kept in Flowship's own table."""

HOLDERS = {"runs", "logged_models", "trace_info"}
"""Tables of what belongs to an experiment and may have artifacts."""


@dataclass(frozen=True)
class Roots:
    """The roots of artifacts that MLflow is told."""

    behind: str | None
    """Where the server keeps what goes through it; None when nothing does."""
    direct: str | None
    """The root of new experiments that clients reach themselves; None when they go through the server."""
    notice: str = ""
    """A sentence for the user, when old and new experiments differ."""


@dataclass(frozen=True)
class Experiments:
    """How many experiments have their root behind the server, deleted ones included, and how many of them hold
    something that may have artifacts."""

    behind: int = 0
    used: int = 0


def experiments(engine: Engine) -> Experiments:
    """Count the experiments of the tracking database whose root is behind the server."""
    from sqlalchemy import MetaData, Table, exists, false, func, inspect, or_, select

    tables = set(inspect(engine).get_table_names())
    if "experiments" not in tables:
        return Experiments()
    found = Table("experiments", MetaData(), autoload_with=engine)
    behind = select(func.count()).select_from(found).where(found.c.artifact_location.like(f"{BEHIND}%"))
    holders = [Table(name, MetaData(), autoload_with=engine) for name in sorted(tables & HOLDERS)]
    used = behind.where(
        or_(false(), *(exists().where(holder.c.experiment_id == found.c.experiment_id) for holder in holders))
    )
    with engine.connect() as connection:
        return Experiments(connection.execute(behind).scalar_one(), connection.execute(used).scalar_one())


def has_no_experiment(engine: Engine) -> bool:
    """Tell whether the tracking database is new: it has tables, but not even the default experiment."""
    from sqlalchemy import text

    with engine.connect() as connection:
        return connection.execute(text("SELECT 1 FROM experiments")).first() is None


def roots(location: ArtifactLocation, kept: str | None, found: Experiments, moved_from: str = "") -> Roots:
    """Decide what to tell MLflow, so that the artifacts of the experiments behind the server, at `kept`, are found.

    `kept` is None in a database that Flowship did not serve before; then it is where chart 0.16.5 would have kept
    them with these values. `moved_from` is the place that the user has copied to the new one.

    Raises:
        ArtifactStoreError: they would not be found.
    """
    direct = None if location.proxied else location.uri
    if found.behind == 0:
        return Roots(None if direct else location.uri, direct)
    if found.used == 0:  # but new runs may come to them
        return Roots(location.uri, direct)
    kept = kept or location.old_uri or location.uri
    if _same(kept, location.uri) or _same(kept, location.old_uri):
        return Roots(kept, direct)
    if direct:
        return Roots(kept, direct, _notice(location, kept, found.used))
    if _moved_along(kept, location.uri) or _same(kept, moved_from):
        return Roots(location.uri, None)
    raise ArtifactStoreError(
        f"{_counted(found.used)} artifacts behind the server, at {kept}. At {location.uri}, which the values name "
        "now, they would not be found. Write artifactRoot as it was; or copy everything that is there to the new "
        f"place, and then write artifactRoot.movedFrom: {kept}"
    )


def _notice(location: ArtifactLocation, kept: str, experiments: int) -> str:
    return (
        f"{_counted(experiments)} artifacts behind the server, at {kept}, and stays there, as do its new runs. New "
        f"experiments keep theirs at {location.uri}."
    )


def _counted(experiments: int) -> str:
    return "1 experiment keeps its" if experiments == 1 else f"Each of {experiments} experiments keeps its"


def remember(engine: Engine, kept: str | None, found: Roots, report: Callable[[str], None]) -> None:
    """Keep the place behind the server, for the next start to compare."""
    if found.notice:
        report(found.notice)
    if found.behind is None or found.behind == kept:
        return
    try:
        settings_table.put(engine, DESTINATION, found.behind)
    except DatabaseError as error:
        report(f"a later change of artifactRoot will not be noticed: {error}")


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _moved_along(kept: str, uri: str) -> bool:
    """Tell whether a data directory was moved or renamed as a whole: nothing is where it was, and something is here."""
    if not (kept.startswith("file:") and uri.startswith("file:")):
        return False
    before, now = (Path(url2pathname(urlsplit(place).path)) for place in (kept, uri))
    return not _holds_something(before) and _holds_something(now)


def _holds_something(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())

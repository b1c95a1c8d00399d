"""A database that is backed up or restored."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.cause import explain
from flowship.database.restoring import count_rows, quoted
from flowship.database.revision import Part
from flowship.database.url import is_sqlite, shown
from flowship.errors import BackupError, FlowshipError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import URL, Engine

    from flowship.backup.manifest import Database, Kind

PARTS: dict[Database, Part] = {"tracking": Part.TRACKING, "auth": Part.AUTH}


@dataclass(frozen=True)
class Place:
    """One of the two databases, which may be the same."""

    database: Database
    url: URL
    key: str
    """The section of the values that names it."""

    @property
    def kind(self) -> Kind:
        """What a dump of it can be loaded into."""
        if is_sqlite(self.url):
            return "sqlite"
        return "mysql" if self.url.get_backend_name() == "mysql" else "postgresql"

    @property
    def shown(self) -> str:
        """For people, without a password."""
        return f"{self.key} ({shown(self.url)})"

    @property
    def part(self) -> Part:
        return PARTS[self.database]


def places(tracking: URL, auth: URL | None, tracking_key: str, auth_key: str) -> list[Place]:
    """The databases of these values; one that is used for both is named once."""
    found = [Place("tracking", tracking, tracking_key)]
    if auth is not None and auth != tracking:
        found.append(Place("auth", auth, auth_key))
    return found


def rows(engine: Engine, names: list[str]) -> dict[str, int]:
    """How many rows each table has."""
    with engine.connect() as connection:
        return {name: count_rows(connection, engine, name) for name in names}


def revisions(engine: Engine, names: Mapping[str, str]) -> dict[str, str]:
    """The revision in each of these version tables: the name in the dump by its plain name."""
    with engine.connect() as connection:
        return {
            plain: str(connection.exec_driver_sql(f"SELECT version_num FROM {quoted(engine, name)}").scalar())  # noqa: S608
            for plain, name in names.items()
        }


@contextmanager
def explained(place: Place, doing: str) -> Iterator[None]:
    """Turn what the drivers raise into a sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except FlowshipError:
        raise
    except SQLAlchemyError as error:
        raise BackupError(f"{doing} {place.shown}: {explain(error, place.url, place.key).sentence}.") from error
    except OSError as error:
        raise BackupError(f"{doing} {place.shown}: {error}.") from error

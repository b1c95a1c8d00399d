"""What a backup holds: written beside the dumps once they are known to be good, so that one without it is none."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from flowship.database.part import Part
from flowship.database.url import Kind

FILE = "manifest.json"
NAME_FORMAT = "%Y-%m-%dT%H-%M-%SZ"


class Dump(BaseModel):
    """The dump of one database."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    """What it can be loaded into."""
    file: str
    size: int
    """In bytes, as the file lies there."""
    sha256: str
    revisions: dict[str, str]
    """The revision in each of MLflow's version tables."""
    rows: dict[str, int]
    """For each table how many rows."""


class Manifest(BaseModel):
    """A backup."""

    model_config = ConfigDict(frozen=True)

    name: str
    time: datetime
    """When it was begun: what was committed before is in it."""
    flowship: str
    mlflow: str
    databases: dict[Part, Dump]
    not_included: tuple[str, ...] = ("artifacts",)


def name_at(time: datetime) -> str:
    """Give the name of a backup that is begun at this time."""
    return f"{time.astimezone(UTC):{NAME_FORMAT}}"


def time_of(name: str) -> datetime:
    """Tell when a backup of this name was begun."""
    return datetime.strptime(name, NAME_FORMAT).replace(tzinfo=UTC)


def is_name(text: str) -> bool:
    """Tell whether a backup may have this name."""
    try:
        return name_at(time_of(text)) == text
    except ValueError:
        return False

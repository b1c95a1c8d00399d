"""Which libraries the values ask for that are not installed: all at once, and without reaching for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.artifacts.credentials import require_client
from flowship.artifacts.location import artifact_location
from flowship.auth.methods.chosen import chosen
from flowship.auth.workloads.settings import workload_settings
from flowship.database.from_values import databases
from flowship.errors import MissingExtraError, ValuesError
from flowship.values.model.finding import Finding
from flowship.values.model.keys import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flowship.values.reading.reading import Reading


def missing(reading: Reading, data: Path) -> list[Finding]:
    """Find the keys whose libraries are not installed, each with the command that installs them."""
    found = {error.extra: error for need in _needs(reading, data) if (error := _error(need))}
    return [reading.placed(Finding(f"{error.key}: {error.what}", (split(error.key),))) for error in found.values()]


def _needs(reading: Reading, data: Path) -> Iterator[Callable[[], object]]:
    """Each thing that an extra may be needed for, as what refuses it."""
    values = reading.values
    for database in databases(values, data, reading.bundled_host).distinct:
        yield database.require_driver
    yield lambda: chosen(values, reading.environ)
    yield lambda: workload_settings(values)
    if key := artifact_location(values, data).key:
        yield lambda: require_client(key)


def _error(need: Callable[[], object]) -> MissingExtraError | None:
    try:
        need()
    except MissingExtraError as error:
        return error
    except ValuesError:  # what the machine of the server finds, such as the file of a certificate
        return None
    return None

"""What is said of a pending migration: by `flowship check --live`, and by who begins it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.database.migrating.outlook import Outlook, Pending

SHORT = 1.0
"""Seconds; a revision that takes less is not worth a word of its own."""


def which(ahead: Outlook) -> str:
    """Name the revisions."""
    named = [f"{each.revision} ({each.step.says if each.step else 'of before MLflow 2.22'})" for each in ahead.pending]
    count = "one revision is" if len(named) == 1 else f"{len(named)} revisions are"
    return f"{count} pending: {', '.join(named)}"


def how_long(ahead: Outlook, rows: Mapping[str, int]) -> str:
    """Say how long they take, the long ones by name."""
    times = [(each, ahead.seconds(each, rows)) for each in ahead.pending if each.step]
    whole = _duration(sum(seconds for _, seconds in times))
    long = [_long(each, seconds, rows) for each, seconds in times if seconds >= SHORT]
    rest = f"each of the others less than {SHORT:.0f} s" if long else f"each less than {SHORT:.0f} s"
    unknown = "" if ahead.is_known else "; those of before MLflow 2.22 are not estimated"
    return (
        f"the migration will take about {whole}: {'; '.join([*long, rest])}{unknown}. These are estimates, from the"
        " rows that are there and the rates of one processor that is not busy"
    )


def locks(ahead: Outlook) -> str:
    """Say what others wait for meanwhile."""
    tables = ", ".join(ahead.locked)
    if not tables:
        return "nothing that servers use is locked meanwhile"
    if ahead.kind == "postgresql":
        return f"until the migration has ended, all requests wait that read or write {tables}"
    if ahead.kind == "mysql":
        return f"requests wait for each of these tables while it is changed: {tables}"
    return "nothing else can write into the file until the migration has ended"


def of_servers_before(ahead: Outlook) -> list[str]:
    """Say what servers of the MLflow of before do once the migration has ended."""
    if not ahead.is_known:
        return [f"stop the servers of the MLflow of before first: {_UNKNOWN}. {_ALONE}"]
    if not ahead.broken:
        return [f"servers of the MLflow of before go on after the migration, until they are replaced; {_STARTED}"]
    sentences = [f"a server of the MLflow of before {each.what}" for each in ahead.broken]
    if any(each.fails for each in ahead.broken):
        sentences[-1] += f". Stop such servers first, or let the chart do so: {_ALONE}"
    else:
        sentences[-1] += f". All else goes on; {_STARTED}. To have none of it: {_ALONE}"
    return sentences


_STARTED = "MLflow refuses to start one anew"
_UNKNOWN = "it is not known what they would do after it"
_ALONE = "strategy.type: Recreate"


def _long(each: Pending, seconds: float, rows: Mapping[str, int]) -> str:
    counted = " and ".join(f"{rows[table]:,} rows of {table}" for table in each.tables if rows.get(table))
    return f"{each.revision} about {_duration(seconds)} for {counted}"


def _duration(seconds: float) -> str:
    if seconds < SHORT:
        return f"{SHORT:.0f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours"

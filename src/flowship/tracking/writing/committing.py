"""Writes of many requests in one transaction: all of them, or those of them that the database takes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, OperationalError

from flowship.tracking.writing.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Engine, Select

    from flowship.database.served.connections import Connections
    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.writing.writes import Point, Writes

_logger = logging.getLogger(__name__)

BEGIN = {
    # Two that read first could not both become writers: the second would fail at once.
    "sqlite": "BEGIN IMMEDIATE",
    # Else MySQL reads in all of a transaction what was there at its first read, and locks the gaps between rows.
    "mysql": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
}
"""What a transaction begins with."""

ATTEMPTS = 3
"""How often a group is tried whose transaction the database ends in favour of another."""

UNFINISHED_STATES, UNFINISHED_NUMBERS = frozenset({"40001", "40P01"}), frozenset({1213})
"""How PostgreSQL and MySQL say that they have ended a transaction in favour of another: it may be tried again."""


class ConflictError(Exception):
    """What these requests write, by their places in the group, conflicts with what is there already."""

    def __init__(self, places: set[int]) -> None:
        super().__init__(f"{len(places)} requests conflict with what is there")
        self.places = places


def takes_groups(engine: Engine) -> bool:
    """Tell whether the database takes transactions as they are made here; MySQL with a log of statements does not."""
    if engine.dialect.name != "mysql":
        return True
    with engine.connect() as connection:
        has_log, kind = connection.exec_driver_sql("SELECT @@log_bin, @@binlog_format").one()
    return not has_log or kind != "STATEMENT"


class Committing:
    """Commits groups of writes to one kind of database."""

    def __init__(self, connections: Connections, tables: Tables) -> None:
        self._connections = connections
        self._statements = Statements(tables, connections.dialect.name)

    def commit(self, group: Sequence[Writes]) -> list[bool]:
        """Write what can be written, and say of each request whether its writes are in the database for good.

        Where one of them is the reason that the others are not taken, they are written without it.
        """
        try:
            done = self._at_last(group)
            return [writes.run_id in done for writes in group]
        except ConflictError as conflict:
            fitting = [writes for place, writes in enumerate(group) if place not in conflict.places]
            again = iter(self.commit(fitting)) if fitting else iter(())
            return [place not in conflict.places and next(again) for place in range(len(group))]
        except OperationalError:  # away or busy: it would be for each of them
            return [False] * len(group)
        except DBAPIError:
            if len(group) == 1:
                return [False]
            _logger.debug("the writes of %d requests are done one by one", len(group), exc_info=True)
            return [self.commit([writes])[0] for writes in group]

    def _at_last(self, group: Sequence[Writes]) -> set[str]:
        """Write those of the group whose runs are active, in spite of others who write; the ids of these runs."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._in_one_transaction(group)
            except OperationalError as error:
                if not _is_unfinished(error):
                    raise
        return self._in_one_transaction(group)

    def _in_one_transaction(self, group: Sequence[Writes]) -> set[str]:
        """Write those of the group whose runs are active; the ids of these runs."""
        with self._connections.writing() as connection:
            if first := BEGIN.get(connection.dialect.name):
                connection.exec_driver_sql(first)
            ids = sorted({writes.run_id for writes in group})
            active = set(connection.execute(self._statements.active_runs, {"ids": ids}).scalars())
            self._write(connection, [writes if writes.run_id in active else None for writes in group])
        return active

    def _write(self, connection: Connection, group: Sequence[Writes | None]) -> None:
        present = [writes for writes in group if writes]
        if points := _points(present):
            self._statements.points.write(connection, [_row(run, point) for run, point in sorted(points)])
            latest = sorted(_latest(points).items())
            self._statements.latest.write(connection, [_row(run, point) for (run, _), point in latest])
            self._check_keys(connection, self._statements.latest_of, group, _metrics)
        self._add_params(connection, group)
        if tags := {(writes.run_id, key): value for writes in present for key, value in writes.tags}:
            rows = [{"run_uuid": run, "key": key, "value": value} for (run, key), value in sorted(tags.items())]
            self._statements.tags.write(connection, rows)
            self._check_keys(connection, self._statements.tags_of, group, _tags)

    def _add_params(self, connection: Connection, group: Sequence[Writes | None]) -> None:
        """Add parameters, which never change.

        Raises:
            ConflictError: some are there with other values, also by another request of the group.
        """
        wanted: dict[tuple[str, str], str] = {}
        for writes in filter(None, group):
            for key, value in writes.params:
                wanted.setdefault((writes.run_id, key), value)
        if not wanted:
            return
        rows = [{"run_uuid": run, "key": key, "value": value} for (run, key), value in sorted(wanted.items())]
        self._statements.params.write(connection, rows)
        kept = self._kept(connection, self._statements.params_of, wanted)
        _refuse(group, lambda writes: all(kept.get((writes.run_id, key)) == value for key, value in writes.params))

    def _check_keys(
        self,
        connection: Connection,
        statement: Select[Any],
        group: Sequence[Writes | None],
        keys: Callable[[Writes], Iterable[str]],
    ) -> None:
        """Check that what was written is there by its own key, not by one that the database takes for the same.

        Raises:
            ConflictError: some is not.
        """
        if not self._statements.takes_keys_for_others:
            return
        wanted = {(writes.run_id, key) for writes in group if writes for key in keys(writes)}
        kept = self._kept(connection, statement, wanted)
        _refuse(group, lambda writes: all((writes.run_id, key) in kept for key in keys(writes)))

    def _kept(
        self, connection: Connection, statement: Select[Any], wanted: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], Any]:
        """Give the values that runs have by these keys, and maybe more."""
        asked = {"ids": sorted({run for run, _ in wanted}), "keys": sorted({key for _, key in wanted})}
        return {(run, key): value for run, key, value in connection.execute(statement, asked)}


def _refuse(group: Sequence[Writes | None], fits: Callable[[Writes], bool]) -> None:
    """Refuse what does not fit.

    Raises:
        ConflictError: some does not.
    """
    if places := {place for place, writes in enumerate(group) if writes and not fits(writes)}:
        raise ConflictError(places)


def _metrics(writes: Writes) -> Iterable[str]:
    return (point.key for point in writes.points)


def _tags(writes: Writes) -> Iterable[str]:
    return (key for key, _ in writes.tags)


def _is_unfinished(error: OperationalError) -> bool:
    original: Any = error.orig
    state = getattr(original, "pgcode", None) or getattr(original, "sqlstate", None)
    return state in UNFINISHED_STATES or (original.args or (0,))[0] in UNFINISHED_NUMBERS


def _points(group: Sequence[Writes]) -> list[tuple[str, Point]]:
    """All values of the group in their order, each once: what says the same again is the same row."""
    return list(dict.fromkeys((writes.run_id, point) for writes in group for point in writes.points))


def _latest(points: Sequence[tuple[str, Point]]) -> dict[tuple[str, str], Point]:
    """Give the latest value of each metric among these, as MLflow compares them: of equal ones the first."""
    latest: dict[tuple[str, str], Point] = {}
    for run, point in points:
        known = latest.get((run, point.key))
        if known is None or (point.step, point.timestamp, point.value) > (known.step, known.timestamp, known.value):
            latest[run, point.key] = point
    return latest


def _row(run: str, point: Point) -> dict[str, object]:
    return {"run_uuid": run, **point._asdict()}

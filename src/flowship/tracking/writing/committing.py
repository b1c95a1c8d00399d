"""Writes of many requests in one transaction: all of them, or those of them that the database takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from flowship.tracking.writing.dividing import taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Select

    from flowship.tracking.writing.points_at_once import PointsAtOnce
    from flowship.tracking.writing.statements import Statements
    from flowship.tracking.writing.transactions import Transactions
    from flowship.tracking.writing.writes import Point, Writes

    Rows = list[dict[str, Any]]


class ConflictError(Exception):
    """What these requests write, by their places in the group, conflicts with what is there already."""

    def __init__(self, places: set[int]) -> None:
        super().__init__(f"{len(places)} requests conflict with what is there")
        self.places = places


class Committing:
    """Commits groups of writes."""

    def __init__(
        self, transactions: Transactions, statements: Statements, points_at_once: PointsAtOnce | None = None
    ) -> None:
        """`points_at_once` writes groups of nothing but values of metrics, where the database can do that."""
        self._transactions = transactions
        self._statements = statements
        self._points_at_once = points_at_once

    def commit(self, group: Sequence[Writes]) -> list[bool]:
        """Write what can be written, and say of each request whether its writes are in the database for good.

        Where one of them is the reason that the others are not taken, they are written without it.
        """
        return taken(group, self._written, DBAPIError)

    def _written(self, group: Sequence[Writes]) -> list[bool]:
        try:
            done = self._committed(group)
        except ConflictError as conflict:
            fitting = [writes for place, writes in enumerate(group) if place not in conflict.places]
            again = iter(self.commit(fitting)) if fitting else iter(())
            return [place not in conflict.places and next(again) for place in range(len(group))]
        return [writes.run_id in done for writes in group]

    def _committed(self, group: Sequence[Writes]) -> set[str]:
        """Write those of the group whose runs are active; the ids of these runs."""
        at_once = self._points_at_once
        if at_once is None or any(writes.params or writes.tags for writes in group):
            return self._transactions.run(lambda connection: self._in_one_transaction(connection, group))
        ids, points, latest = sorted({writes.run_id for writes in group}), *_point_rows(_points(group))
        return self._transactions.run_statement(lambda connection: at_once.write(connection, ids, points, latest))

    def _in_one_transaction(self, connection: Connection, group: Sequence[Writes]) -> set[str]:
        """Write those of the group whose runs are active; the ids of these runs."""
        ids = sorted({writes.run_id for writes in group})
        active = set(connection.execute(self._statements.active_runs, {"ids": ids}).scalars())
        self._write(connection, [writes if writes.run_id in active else None for writes in group])
        return active

    def _write(self, connection: Connection, group: Sequence[Writes | None]) -> None:
        present = [writes for writes in group if writes]
        if found := _points(present):
            points, latest = _point_rows(found)
            self._statements.points.write(connection, points)
            self._statements.latest.write(connection, latest)
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


def _point_rows(points: Sequence[tuple[str, Point]]) -> tuple[Rows, Rows]:
    """Give the rows of these values, and those of the latest of each metric, in the order of all transactions."""
    latest = sorted(_latest(points).items())
    return [_row(run, point) for run, point in sorted(points)], [_row(run, point) for (run, _), point in latest]


def _row(run: str, point: Point) -> dict[str, Any]:
    return {"run_uuid": run, **point._asdict()}

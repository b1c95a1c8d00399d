"""Spans of many requests in one transaction: all of them, or those of them that are understood and taken."""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.exc import OperationalError

from flowship.mlflow_seams.tracking.traces import spans as seam
from flowship.mlflow_seams.tracking.traces import tables as traces_seam
from flowship.tracking.writing.dividing import taken
from flowship.tracking.writing.spans.beginning import PLACE, Beginning
from flowship.tracking.writing.spans.merging import (
    Known,
    changed_trace,
    new_trace,
    recomputes,
    spares_times,
)
from flowship.tracking.writing.spans.statements import SpanStatements
from flowship.tracking.writing.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from flowship.database.served.connections import Connections
    from flowship.mlflow_seams.tracking.traces.spans import SentTrace
    from flowship.mlflow_seams.tracking.traces.tables import TraceTables

_logger = logging.getLogger(__name__)

KINDS = frozenset({"postgresql", "sqlite"})
"""Kinds of databases to which spans are written here; MLflow itself writes them to others."""

ATTEMPTS = 3
"""How often a group is begun again because somebody else has begun one of its traces meanwhile."""

REMEMBERED = 1_000
"""Experiments of which it is remembered where their artifacts are."""

RECENT = 10_000
"""Traces of which it is remembered that they are there, about 2 MB."""


class SpanWrites(NamedTuple):
    """The spans of one request, all of one experiment."""

    experiment_id: int
    traces: tuple[SentTrace, ...]

    @property
    def rows(self) -> int:
        """How many rows that are, but for tags."""
        return sum(1 + len(trace.spans) for trace in self.traces)


class _BegunMeanwhileError(Exception):
    """Somebody else has begun one of the traces between the look for it and its insertion."""


class SpanCommitting:
    """Commits groups of spans."""

    def __init__(self, connections: Connections, tables: TraceTables) -> None:
        kind = connections.dialect.name
        self._transactions = Transactions(connections)
        self._statements = SpanStatements(tables, kind)
        self._beginning = Beginning(tables) if kind == "postgresql" else None
        self._places: dict[int, str] = {}
        """Where artifacts of experiments are, as far as seen; the database is asked whether that is still so."""
        self._recent: OrderedDict[str, None] = OrderedDict()
        """Traces that were written last, in that order: clients send each span when it ends, and begin only once."""

    def commit(self, group: Sequence[SpanWrites]) -> list[bool]:
        """Write what can be written, and say of each request whether its spans are in the database for good."""
        done: set[int] = set()
        for places in _apart(group):
            try:
                done |= self._begin([(place, group[place]) for place in places])
            except OperationalError:  # away or busy: to wait for it once is enough
                continue
            if left := [place for place in places if place not in done]:
                # Whatever it is that one of them meets, MLflow meets it too, and tells it to a user.
                written = taken([group[place] for place in left], self._commit_together, Exception)
                done |= {place for place, is_written in zip(left, written, strict=True) if is_written}
            self._remember([group[place] for place in places if place in done])
        return [place in done for place in range(len(group))]

    def _remember(self, written: Sequence[SpanWrites]) -> None:
        for trace in (trace.trace_id for writes in written for trace in writes.traces):
            self._recent[trace] = None
            self._recent.move_to_end(trace)
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _begin(self, group: list[tuple[int, SpanWrites]]) -> set[int]:
        """Write requests that begin one trace each, in one statement; the places of those that did.

        Raises:
            OperationalError: the database is away or busy, and not just the connection broken.
        """
        beginning = self._beginning
        new = {
            place: (writes.traces[0], writes.experiment_id)
            for place, writes in group
            if len(writes.traces) == 1
            and writes.experiment_id in self._places
            and writes.traces[0].trace_id not in self._recent
        }
        if beginning is None or not new:
            return set()
        try:
            rows = self._rows(sorted(new.values(), key=_by_id))
            begun = self._transactions.run_statement(lambda connection: beginning.write(connection, rows))
        except Exception as error:  # whatever it is, who tries it once more meets it too
            if isinstance(error, OperationalError) and not error.connection_invalidated:
                raise
            _logger.debug("traces are not begun at once", exc_info=True)
            return set()
        places = {trace.trace_id: place for place, (trace, _) in new.items()}
        return {places[trace] for trace in begun}

    def _rows(self, new: list[tuple[SentTrace, int]]) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of new traces, by table."""
        begun = {trace.trace_id: self._places[number] for trace, number in new}
        return {
            "trace_info": [new_trace(*each) | {PLACE: begun[each[0].trace_id]} for each in new],
            "trace_tags": [row for trace, _ in new for row in _tags(trace, begun)],
            "trace_request_metadata": [_user(trace) for trace, _ in new if trace.user_id],
            "spans": _spans(new),
        }

    def _commit_together(self, group: Sequence[SpanWrites]) -> list[bool]:
        for _ in range(ATTEMPTS):
            try:
                return self._transactions.run(lambda connection: self._in_one_transaction(connection, group))
            except _BegunMeanwhileError:
                continue
        return [False] * len(group)

    def _in_one_transaction(self, connection: Connection, group: Sequence[SpanWrites]) -> list[bool]:
        numbers = sorted({writes.experiment_id for writes in group})
        experiments = connection.execute(self._statements.experiments, {"ids": numbers}).all()
        places: dict[int, str] = {number: place for number, place in experiments if place is not None}
        self._places = places if len(self._places) > REMEMBERED else self._places | places
        known = self._known(connection, [trace for writes in group for trace in writes.traces])
        fit = [_is_fit(writes, places, known) for writes in group]
        self._write(connection, [writes for writes, is_fit in zip(group, fit, strict=True) if is_fit], places, known)
        return fit

    def _known(self, connection: Connection, traces: list[SentTrace]) -> dict[str, Known | None]:
        """Lock those of the traces that are there, and give what is known of each; None if its spans are elsewhere."""
        statements, sent = self._statements, {trace.trace_id: trace for trace in traces}
        rows = {
            row["request_id"]: row for row in connection.execute(statements.locked, {"ids": sorted(sent)}).mappings()
        }
        if not rows:
            return {}
        marks = {(trace, key) for trace, key in connection.execute(statements.marks, {"ids": sorted(rows)})}
        nodes = self._nodes(connection, [sent[trace] for trace in sorted(rows) if recomputes(sent[trace])])
        return {
            trace: None
            if (trace, traces_seam.SPANS_LOCATION) in marks
            else Known(row, (trace, traces_seam.FINALIZED) in marks, nodes[trace])
            for trace, row in rows.items()
        }

    def _nodes(self, connection: Connection, traces: list[SentTrace]) -> Mapping[str, list[tuple[Any, Any]]]:
        """Give what the spans of each trace that are there, and are not sent again, say of tokens and costs."""
        nodes: defaultdict[str, list[tuple[Any, Any]]] = defaultdict(list)
        if traces:
            sent = {(trace.trace_id, span["span_id"]) for trace in traces for span in trace.spans}
            ids = [trace.trace_id for trace in traces]
            for trace, span, parent, content in connection.execute(self._statements.stored, {"ids": ids}):
                if (trace, span) not in sent and (told := seam.nodes(span, parent, content)):
                    nodes[trace].append(told)
        return nodes

    def _write(
        self,
        connection: Connection,
        group: list[SpanWrites],
        places: Mapping[int, str],
        known: Mapping[str, Known | None],
    ) -> None:
        traces = sorted(((trace, writes.experiment_id) for writes in group for trace in writes.traces), key=_by_id)
        if not traces:
            return
        statements = self._statements
        new = [(trace, number) for trace, number in traces if trace.trace_id not in known]
        if new and statements.new_infos.write(connection, [new_trace(*each) for each in new]) < len(new):
            raise _BegunMeanwhileError
        self._change(connection, [(trace, there) for trace, _ in traces if (there := known.get(trace.trace_id))])
        begun = {trace.trace_id: places[number] for trace, number in new}
        statements.tags.write(connection, [row for trace, _ in traces for row in _tags(trace, begun)])
        statements.spans.write(connection, _spans(traces))
        if users := [_user(trace) for trace, _ in traces if trace.user_id]:
            statements.users.write(connection, users)

    def _change(self, connection: Connection, traces: list[tuple[SentTrace, Known]]) -> None:
        """Change traces that are there, and where they begin earlier now, what says so of their assessments too."""
        changed = [{"_id": trace.trace_id, **changed_trace(trace, there)} for trace, there in traces]
        moved = [
            {"_id": trace.trace_id, "_ms": trace.start_ms}
            for trace, there in traces
            if there.row["timestamp_ms"] > trace.start_ms and not spares_times(trace, there)
        ]
        if changed:
            connection.execute(self._statements.changed_infos, changed)
        if moved:
            connection.execute(self._statements.moved_assessments, moved)


def _apart(group: Sequence[SpanWrites]) -> Iterator[list[int]]:
    """Give the places of the requests in their order, in parts in which no trace comes twice."""
    part: list[int] = []
    seen: set[str] = set()
    for place, writes in enumerate(group):
        ids = {trace.trace_id for trace in writes.traces}
        if seen & ids:
            yield part
            part, seen = [], set()
        part.append(place)
        seen |= ids
    if part:
        yield part


def _is_fit(writes: SpanWrites, places: Mapping[int, str], known: Mapping[str, Known | None]) -> bool:
    """Tell whether all is understood: the experiment is active, and what is there of the traces lies in it."""
    there = [known[trace.trace_id] for trace in writes.traces if trace.trace_id in known]
    return writes.experiment_id in places and all(
        each is not None and each.row["experiment_id"] == writes.experiment_id for each in there
    )


def _by_id(each: tuple[SentTrace, int]) -> str:
    return each[0].trace_id


def _tags(trace: SentTrace, begun: Mapping[str, str]) -> Iterable[dict[str, str]]:
    tags = trace.tags
    if (place := begun.get(trace.trace_id)) is not None:
        tags = dict([traces_seam.artifact_tag(place, trace.trace_id)]) | tags
    return [{"request_id": trace.trace_id, "key": key, "value": value} for key, value in sorted(tags.items())]


def _spans(traces: list[tuple[SentTrace, int]]) -> list[dict[str, Any]]:
    """Give the rows of spans, in the order of MLflow's: costs are added up in the order in which spans lie there."""
    return [{**span, "experiment_id": number} for trace, number in traces for span in trace.spans]


def _user(trace: SentTrace) -> dict[str, str | None]:
    return {"request_id": trace.trace_id, "key": traces_seam.USER, "value": trace.user_id}

"""Which of several statements that find the same costs PostgreSQL least, by its own estimates."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache
from sqlalchemy import ClauseElement, Executable, text
from sqlalchemy.ext.compiler import compiles

from flowship.tracking.reading.searches import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.compiler import SQLCompiler

MANY = 10_000
"""Runs below which asking would take longer than any of the statements."""

LASTS = 60.0
"""Seconds for which answers are remembered."""

_RUNS = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass('runs')")
_TOTAL = re.compile(r"cost=[\d.]+\.\.([\d.]+) ")


class _Explain(Executable, ClauseElement):
    """PostgreSQL's `EXPLAIN` of a statement, which is planned and not run."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explain)
def _compiled(explain: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN {compiler.process(explain.statement, **options)}"


class Costs:
    """Chooses statements, and remembers for a while which it was. Used in several threads."""

    def __init__(self) -> None:
        self._answers: TTLCache[Hashable, float] = TTLCache(REMEMBERED, LASTS)
        self._lock = Lock()

    def cheapest(
        self, connection: Connection, search: Hashable, statements: Sequence[Select[Any]], asked: Mapping[str, Any]
    ) -> Select[Any]:
        """Give the statement for which the database estimates the least total cost, of a search that is asked with
        these parameters; the first where there is no other, or there are few runs."""
        if len(statements) == 1 or self._answer(_RUNS, lambda: float(connection.scalar(_RUNS))) < MANY:
            return statements[0]

        def place() -> float:
            costs = [_cost(connection, statement, asked) for statement in statements]
            return costs.index(min(costs))

        return statements[int(self._answer(search, place))]

    def _answer(self, question: Hashable, ask: Callable[[], float]) -> float:
        with self._lock:
            known = self._answers.get(question)
        if known is not None:
            return known
        found = ask()
        with self._lock:
            self._answers[question] = found
        return found


def _cost(connection: Connection, statement: Select[Any], asked: Mapping[str, Any]) -> float:
    plan = str(connection.execute(_Explain(statement), asked).scalar())
    found = _TOTAL.search(plan)
    assert found, plan
    return float(found[1])

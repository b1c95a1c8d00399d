"""Which of several statements that find the same costs PostgreSQL least, by its own estimates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import ClauseElement, Executable
from sqlalchemy.ext.compiler import compiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Select
    from sqlalchemy.sql.compiler import SQLCompiler

_TOTAL = re.compile(r"cost=[\d.]+\.\.([\d.]+) ")


class _Explain(Executable, ClauseElement):
    """PostgreSQL's `EXPLAIN` of a statement, which is planned and not run."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explain)
def _compiled(explain: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return f"EXPLAIN {compiler.process(explain.statement, **options)}"


def cheapest(connection: Connection, statements: Sequence[Select[Any]], asked: Mapping[str, Any]) -> Select[Any]:
    """Give the statement for which the database estimates the least total cost; the first where there is no other."""
    if len(statements) == 1:
        return statements[0]
    return min(statements, key=lambda statement: _cost(connection, statement, asked))


def _cost(connection: Connection, statement: Select[Any], asked: Mapping[str, Any]) -> float:
    plan = str(connection.execute(_Explain(statement), asked).scalar())
    found = _TOTAL.search(plan)
    assert found, plan
    return float(found[1])

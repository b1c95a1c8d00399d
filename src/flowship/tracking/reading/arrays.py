"""Many values as one parameter: PostgreSQL takes an array, so that a statement is the same for any number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, String, Text, bindparam, cast, func

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.sql.selectable import NamedFromClause


def array(kind: Any) -> ARRAY[Any]:
    """Give the type of an array of this type: of text without a length, to which PostgreSQL would cut the values."""
    return ARRAY(Text() if isinstance(kind, String) else kind)


def rows_of(kinds: Mapping[str, Any], prefix: str = "", name: str | None = None, **more: Any) -> NamedFromClause:
    """Make rows of an array for each column, a parameter of this prefix and the column's name.

    `kinds` are the types of the columns, `name` is that of the rows, `more` is what SQLAlchemy's `table_valued` takes.
    """
    arrays = {column: array(kind) for column, kind in kinds.items()}
    parameters = [cast(bindparam(f"{prefix}{column}", type_=kind), kind) for column, kind in arrays.items()]
    return func.unnest(*parameters).table_valued(*kinds, **more).render_derived(name)

"""What becomes of a row that is there already under the key of a new one, in each database's own words.

MySQL has a clause that leaves out such rows, `IGNORE`, but it hides values that are cut and references to what is not
there too: a row is set to what it is instead.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, tuple_
from sqlalchemy.dialects import mysql, postgresql, sqlite

INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert, "mysql": mysql.insert}
"""How each kind of database is told to insert what may be there already."""


def failing(insert: Any) -> Any:
    """Write none of the rows."""
    return insert


def keeping(insert: Any) -> Any:
    """Keep the row that is there."""
    if isinstance(insert, mysql.Insert):
        return insert.on_duplicate_key_update(run_uuid=insert.table.c.run_uuid)
    return insert.on_conflict_do_nothing()


def keeping_later(insert: Any) -> Any:
    """Keep the later one of two values of a metric, as MLflow compares them: by step, time and value."""
    if not isinstance(insert, mysql.Insert):
        new = insert.excluded
        changes = {name: new[name] for name in ("value", "timestamp", "step", "is_nan")}
        return _updating(insert, changes, where=_is_later(new, insert.table.c))
    new, old = insert.inserted, insert.table.c
    # MySQL sets one column after the other, and compares with what it has set already: in this order, a comparison that
    # comes out otherwise than before is about a column that stays as it is.
    columns = ("is_nan", "value", "timestamp", "step")
    changes = {name: case((_is_later(new, old), new[name]), else_=old[name]) for name in columns}
    return insert.on_duplicate_key_update(list(changes.items()))


def replacing(insert: Any) -> Any:
    """Give the row that is there all that the new one says, but for what the database computes."""
    columns = insert.table.c.items()
    names = [name for name, column in columns if not column.primary_key and column.computed is None]
    if isinstance(insert, mysql.Insert):
        return insert.on_duplicate_key_update({name: insert.inserted[name] for name in names})
    return _updating(insert, {name: insert.excluded[name] for name in names})


def _is_later(new: Any, old: Any) -> Any:
    return tuple_(new.step, new.timestamp, new.value) > tuple_(old.step, old.timestamp, old.value)


def _updating(insert: Any, changes: dict[str, Any], where: Any = None) -> Any:
    key = [column.name for column in insert.table.primary_key]
    return insert.on_conflict_do_update(index_elements=key, set_=changes, where=where)

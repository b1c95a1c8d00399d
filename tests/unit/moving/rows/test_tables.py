from __future__ import annotations

import pytest

from flowship.errors import MoveError
from flowship.moving.rows.tables import Column, Kind, Table, plan


def table(name: str, *columns: Column, parents: frozenset[str] = frozenset()) -> Table:
    return Table(name, columns or (Column("id", Kind.INTEGER),), ("id",), parents=parents)


def test_parents_come_first_and_a_table_may_refer_to_itself() -> None:
    found = {
        "a": table("a", parents=frozenset({"b", "a", "elsewhere"})),
        "b": table("b", parents=frozenset({"c"})),
        "c": table("c"),
    }
    assert [each.name for each in plan(found, found)] == ["c", "b", "a"]


def test_a_column_is_what_the_database_says_that_knows_more_with_the_limits_of_the_new_side() -> None:
    old = table("t", Column("id", Kind.INTEGER), Column("flag", Kind.BOOLEAN), Column("data", Kind.JSON))
    new = table("t", Column("data", Kind.TEXT, octets=65535), Column("id", Kind.INTEGER), Column("flag", Kind.INTEGER))
    (found,) = plan({"t": old}, {"t": new})
    assert found.columns == (
        Column("data", Kind.JSON, octets=65535),
        Column("id", Kind.INTEGER),
        Column("flag", Kind.BOOLEAN),
    )


def test_other_columns_on_one_side_are_refused() -> None:
    with pytest.raises(MoveError) as caught:
        plan({"t": table("t", Column("id", Kind.INTEGER), Column("mine", Kind.TEXT))}, {"t": table("t")})
    assert str(caught.value) == (
        "The table t has not the same columns on both sides: mine. Both are at the newest revision, so one of them was"
        " changed by hand: make its columns those of the other one."
    )

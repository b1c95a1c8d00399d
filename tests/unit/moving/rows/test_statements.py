from __future__ import annotations

from flowship.moving.rows.statements import copying_in, inserting, numbering, reading
from flowship.moving.rows.tables import Column, Kind, Moved

TABLE = Moved(
    "t",
    (Column("key", Kind.TEXT), Column("step", Kind.INTEGER), Column("data", Kind.JSON)),
    ("key", "step"),
    counted="step",
)


def test_a_table_is_read_from_behind_a_key() -> None:
    assert reading(TABLE, "sqlite", [7]) == (
        'SELECT rowid, "key", "step", "data" FROM "t" WHERE rowid > ? ORDER BY rowid',
        [7],
    )
    assert reading(TABLE, "postgresql", ["a", 1]) == (
        'SELECT "key", "step", CAST("data" AS TEXT) FROM "t" WHERE ("key", "step") > (%s, %s) ORDER BY "key", "step"',
        ["a", 1],
    )
    assert reading(TABLE, "mysql", ["a", 1]) == (
        "SELECT `key`, `step`, CAST(`data` AS CHAR) FROM `t`"
        " WHERE `key` >= %s AND ((`key` > %s) OR (`key` = %s AND `step` > %s)) ORDER BY `key`, `step`",
        ["a", "a", "a", 1],
    )


def test_a_table_is_read_from_its_beginning() -> None:
    assert reading(TABLE, "mysql", [])[0].endswith("FROM `t` ORDER BY `key`, `step`")
    assert reading(TABLE, "sqlite", [])[0].endswith('FROM "t" ORDER BY rowid')


def test_rows_are_written_by_name() -> None:
    assert inserting(TABLE, "mysql") == "INSERT INTO `t` (`key`, `step`, `data`) VALUES (%s, %s, %s)"
    assert inserting(TABLE, "sqlite") == 'INSERT INTO "t" ("key", "step", "data") VALUES (?, ?, ?)'
    assert copying_in(TABLE) == 'COPY "t" ("key", "step", "data") FROM STDIN'


def test_only_postgresql_is_told_the_next_number() -> None:
    assert "setval(pg_get_serial_sequence('\"t\"', 'step')" in numbering(TABLE, "postgresql")
    assert numbering(TABLE, "mysql") == ""

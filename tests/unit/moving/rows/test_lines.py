from __future__ import annotations

import random
import struct

from flowship.moving.rows.lines import NULL, checksum, lines
from flowship.moving.rows.tables import Kind


def line(kind: Kind, *values: object) -> list[str]:
    return lines([(value,) for value in values], [kind])


def test_numbers_are_written_as_postgresql_writes_them() -> None:
    numbers = [1.0, -0.0, 0.1, 1e14, 123456789012345.0, 1e15, 1234567890123456.5, -1e15, 1e16, 1e22, 1e-4, 1e-5, 5e-324]
    assert line(Kind.FLOAT, *numbers) == [
        *("1", "-0", "0.1", "100000000000000", "123456789012345", "1e+15", "1.2345678901234565e+15", "-1e+15"),
        *("1e+16", "1e+22", "0.0001", "1e-05", "5e-324"),
    ]
    assert line(Kind.FLOAT, 0.5, float("inf"), float("-inf"), float("nan"), None) == [
        *("0.5", "Infinity", "-Infinity", "NaN", NULL),
    ]


def test_each_number_can_be_read_back() -> None:
    chosen = random.Random(7)  # noqa: S311 - the same numbers each time
    numbers = [struct.unpack("d", chosen.randbytes(8))[0] for _ in range(2000)]
    numbers = [number for number in numbers if number == number] + [chosen.uniform(-1e17, 1e17) for _ in range(2000)]
    assert list(map(float, line(Kind.FLOAT, *numbers))) == numbers


def test_texts_are_escaped_and_nothing_else_is_taken_for_null() -> None:
    assert line(Kind.TEXT, "a\tb\nc\\", "\\N", None, "", "ü\v\r") == ["a\\tb\\nc\\\\", "\\\\N", NULL, "", "ü\\v\\r"]


def test_a_value_is_the_same_whichever_database_spells_it() -> None:
    assert line(Kind.BOOLEAN, True, 1) == line(Kind.BOOLEAN, 1, True) == ["t", "t"]
    assert line(Kind.FLOAT, 3) == line(Kind.FLOAT, 3.0)
    assert line(Kind.JSON, '{"b": 1, "a": "ü"}') == line(Kind.JSON, '{"a":"\\u00fc","b":1}')
    assert line(Kind.BYTES, b"\x00\xff") == line(Kind.BYTES, memoryview(b"\x00\xff")) == ["\\\\x00ff"]


def test_json_is_written_as_it_was() -> None:
    assert lines([('{"b": 1}',)], [Kind.JSON], compared=False) == ['{"b": 1}']


def test_the_order_of_rows_does_not_count_but_each_row_does() -> None:
    rows = [b"a", b"b", b"c"]
    assert checksum(rows) == checksum(reversed(rows))
    assert (checksum(rows[:1]) + checksum(rows[1:])) % (1 << 64) == checksum(rows)
    assert checksum(rows) != checksum([b"a", b"b", b"b"])
    assert checksum([b"a\tb"]) != checksum([b"a", b"b"])

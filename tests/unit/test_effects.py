from __future__ import annotations

from tests import effects


def test_every_value_has_a_test_that_shows_its_effect() -> None:
    assert effects.missing() == []


def test_the_table_is_current() -> None:
    assert effects.TABLE.read_text() == effects.table()

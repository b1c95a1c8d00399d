from __future__ import annotations

import pytest

from flowship.moving.rows.spellings import folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("Loss", "loss"), ("a", "a  "), ("café", "CAFE"), ("straße", "STRASSE"), ("🙂", "🙃"), ("ﬁn", "fin")],
)
def test_what_a_collation_may_take_for_one_is_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_other_names_are_not() -> None:
    assert len({folded(name) for name in ("loss", "los", "l oss", "löst", "1oss")}) == 5


def test_what_is_plain_stays_as_it_is() -> None:
    assert folded("0123abcdef") == "0123abcdef"

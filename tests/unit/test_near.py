from __future__ import annotations

from flowship.near import did_you_mean


def test_the_nearest_word_is_offered() -> None:
    assert did_you_mean("stauts", ("start", "status", "show")) == " Did you mean status?"


def test_nothing_is_offered_where_no_word_is_near() -> None:
    assert did_you_mean(7, ("start", "status")) == ""

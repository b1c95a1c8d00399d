"""A difference counts only when it is larger than what runs of one side differ among themselves."""

from __future__ import annotations

import pytest

from benchmarks.medians import is_tie, ratio, summary


def test_the_median_and_the_quartiles_stand_for_the_runs() -> None:
    found = summary([5, 1, 3, 2, 100])

    assert (found.median, found.low, found.high, found.spread) == (3, 2, 5, 3)


def test_one_run_has_no_spread() -> None:
    assert summary([7]).spread == 0


@pytest.mark.parametrize(
    ("ours", "theirs", "tie"),
    [
        ([100, 101, 102, 103, 104], [100, 101, 102, 103, 104], True),
        ([98, 99, 100, 101, 102], [99, 100, 101, 102, 103], True),
        ([98, 99, 100, 101, 102], [96, 97, 98, 99, 100], True),
        ([98, 99, 100, 101, 102], [101, 102, 103, 104, 105], False),
        ([60, 80, 100, 120, 140], [130, 130, 130, 130, 130], True),
        ([100], [101], False),
    ],
    ids=["equal", "within", "as far as the spread", "beyond", "one side is unsteady", "single runs"],
)
def test_medians_within_the_larger_spread_are_a_tie(ours: list[float], theirs: list[float], tie: bool) -> None:
    assert is_tie(summary(ours), summary(theirs)) is tie
    assert is_tie(summary(theirs), summary(ours)) is tie


def test_one_run_that_fell_out_does_not_make_a_tie() -> None:
    assert not is_tie(summary([50, 100, 100, 100, 100]), summary([120, 120, 120, 120, 120]))


def test_a_ratio_is_ours_as_a_multiple_of_theirs() -> None:
    assert ratio(summary([1, 2, 3]), summary([4, 4, 4])) == 0.5

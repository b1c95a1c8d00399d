"""A server is at rest after a window in which its processes used less than 2 % of a core."""

from __future__ import annotations

from benchmarks.rest import Look, quiet_since


def looks(*cpu: float) -> list[Look]:
    """One look a second."""
    return [Look(float(second), used) for second, used in enumerate(cpu)]


def test_a_server_that_works_is_not_at_rest() -> None:
    assert quiet_since(looks(1, 2, 3, 4, 5, 6, 7), window=5) is None


def test_a_server_that_was_quiet_for_less_than_the_window_is_not_at_rest() -> None:
    assert quiet_since(looks(1, 2, 2, 2, 2, 2), window=5) is None


def test_rest_begins_with_the_window_in_which_nothing_happened() -> None:
    assert quiet_since(looks(1, 2, 3, 3, 3, 3, 3, 3), window=5) == Look(2, 3)


def test_two_percent_of_a_core_is_rest_and_more_is_not() -> None:
    assert quiet_since(looks(0, 0, 0, 0, 0, 0.1), window=5) == Look(0, 0)
    assert quiet_since(looks(0, 0, 0, 0, 0, 0.11), window=5) is None


def test_nothing_seen_is_no_rest() -> None:
    assert quiet_since([], window=5) is None

"""Bars are judged by medians, ties and amounts, and every bar that is promised is there."""

from __future__ import annotations

import pytest

from benchmarks import crowd, fasttrackml, growth, loss, moving, rounds, searches, signing_in, with_users
from benchmarks.bars import BARS, FASTER, PATIENCE, Bar, Limit, Verdict, judge, judged
from benchmarks.calls import CALLS
from benchmarks.results import Results
from tests.unit.benchmarks.figures import results

AT_LEAST_AS_FAST = Bar("rate", "rate", "/s", "Flowship", "MLflow", Limit("at least", 1.0))
NINE_TENTHS = Bar("rate", "rate", "/s", "Flowship", "MLflow", Limit("at least", 0.9))
A_THIRD = Bar("time", "rate", "s", "Flowship", "MLflow", Limit("at most", 0.3))
NOTHING = Bar("lost", "rate", "requests", "Flowship", limit=Limit("at most", 0))


def found(ours: list[float], theirs: list[float]) -> Results:
    samples = {"Flowship": ours, "MLflow": theirs}
    return Results({}, {}, {"rate": {name: runs for name, runs in samples.items() if runs}})


@pytest.mark.parametrize(
    ("bar", "ours", "theirs", "verdict"),
    [
        (AT_LEAST_AS_FAST, [120, 121, 122], [100, 101, 102], Verdict.MET),
        (AT_LEAST_AS_FAST, [99, 100, 101], [100, 101, 102], Verdict.TIE),
        (AT_LEAST_AS_FAST, [90, 91, 92], [100, 101, 102], Verdict.MISSED),
        (NINE_TENTHS, [90, 91, 92], [100, 101, 102], Verdict.MET),
        (NINE_TENTHS, [80, 90, 100], [100, 101, 102], Verdict.MISSED),
        (A_THIRD, [3, 3, 3], [10, 10, 10], Verdict.MET),
        (A_THIRD, [3.1, 3.1, 3.1], [10, 10, 10], Verdict.MISSED),
        (NOTHING, [0], [], Verdict.MET),
        (NOTHING, [1], [], Verdict.MISSED),
        (A_THIRD, [3], [], Verdict.MISSING),
        (NOTHING, [], [], Verdict.MISSING),
    ],
)
def test_a_verdict_follows_from_the_medians(bar: Bar, ours: list[float], theirs: list[float], verdict: Verdict) -> None:
    assert judge(bar, found(ours, theirs)).verdict is verdict


def test_a_tie_meets_only_the_bar_of_parity() -> None:
    unsteady = found([60, 85, 110], [100, 101, 102])

    assert judge(AT_LEAST_AS_FAST, unsteady).verdict is Verdict.TIE
    assert judge(NINE_TENTHS, unsteady).verdict is Verdict.MISSED


def test_every_measure_has_its_bar() -> None:
    start = {rounds.FIRST_ANSWER: 0.30, rounds.CPU: 0.12, rounds.MEMORY: 0.20}
    amounts = {loss.WORKERS_END: 0, loss.SERVER_STOPS: 0, growth.GROWTH: 0.15}
    moved = {moving.SPEED: 50_000, moving.GROWTH: 0.15}
    limits = {(bar.measure, bar.ours): bar.limit.value for bar in BARS if bar.limit}

    assert limits == {
        **{(measure, rounds.FLOWSHIP): value for measure, value in (start | amounts | moved).items()},
        **{(call, rounds.FLOWSHIP): times for call, times in FASTER.items()},
        **{(measure, rounds.FLOWSHIP): 1.0 for measure in fasttrackml.MEASURES.values()},
        **{(searches.MEASURES[search], rounds.FLOWSHIP): share for search, share in PATIENCE.items()},
        **{
            (measure, who): 0.95
            for measure in signing_in.MEASURES.values()
            for who in (signing_in.SESSION, signing_in.TOKEN)
        },
        (signing_in.WRONG, signing_in.BESIDE): 1.25,
        **{(crowd.slowest(database), rounds.FLOWSHIP): 5 for database in ("PostgreSQL", "SQLite")},
        **{
            (measure, who): 0.9
            for measure in with_users.MEASURES.values()
            for who in (rounds.FLOWSHIP_ADMIN, with_users.FLOWSHIP_PLAIN, with_users.FLOWSHIP_LDAP)
        },
    }


def test_each_call_has_a_bar_against_upstream() -> None:
    assert FASTER.keys() == CALLS.keys()


def test_what_was_not_measured_is_left_out() -> None:
    partial = results()
    del partial.samples[rounds.CPU]

    assert [one.bar for one in judged(partial)] == [bar for bar in BARS if bar.measure != rounds.CPU]


def test_what_upstream_loses_is_shown_but_not_compared() -> None:
    (lost,) = [one for one in judged(results()) if one.bar.measure == loss.SERVER_STOPS]

    assert lost.theirs is not None
    assert (lost.theirs.median, lost.ratio, lost.verdict) == (130, None, Verdict.MET)


def test_users_are_compared_with_the_same_server_without_any() -> None:
    found = [one for one in judged(results()) if one.bar.measure in with_users.MEASURES.values()]

    assert {one.bar.theirs for one in found} == {rounds.FLOWSHIP}
    assert [one.verdict for one in found] == [Verdict.MET] * 3 * len(CALLS) + [Verdict.REPORTED] * len(CALLS)

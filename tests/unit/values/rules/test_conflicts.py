from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.root import Values
from flowship.values.reading.loading import over
from flowship.values.reading.reading import defaults, emptied
from flowship.values.rules.conflicts import RULES
from flowship.values.rules.refusals import findings
from tests.unit.values.access_cases import ACCESS_CASES
from tests.unit.values.backup_cases import BACKUP_CASES
from tests.unit.values.bundled_cases import BUNDLED_CASES
from tests.unit.values.cases import STORE_CASES, Case, nested
from tests.unit.values.container_cases import CONTAINER_CASES
from tests.unit.values.pod_cases import POD_CASES
from tests.unit.values.secret_cases import SECRET_CASES
from tests.unit.values.server_cases import SERVER_CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = [
    *STORE_CASES,
    *BUNDLED_CASES,
    *ACCESS_CASES,
    *SECRET_CASES,
    *POD_CASES,
    *CONTAINER_CASES,
    *BACKUP_CASES,
    *SERVER_CASES,
]


def merged(flat: dict[str, Any]) -> dict[str, Any]:
    return {**emptied(Values, over(defaults(), nested(flat)))}


def told(data: dict[str, Any]) -> list[str]:
    return [finding.sentence for finding in findings(data, data)]


def name(case: Case) -> str:
    return f"{case.refusals[0].partition(':')[0]}-{list(case.values.values())[-1]}"[:60]


@pytest.mark.parametrize("case", ALL, ids=name)
def test_values_that_contradict_each_other_are_refused_in_these_words(case: Case) -> None:
    assert told(merged(case.values)) == list(case.refusals)


@pytest.mark.parametrize("case", ALL, ids=name)
def test_the_smallest_change_mends_them(case: Case) -> None:
    data = merged({**case.values, **case.mended})
    data["extraArgs"] = {key: value for key, value in data["extraArgs"].items() if value is not None}

    assert told(data) == []


def test_every_rule_has_a_case() -> None:
    shown = {refusal for case in ALL for refusal in case.refusals}
    named = [refusal for refusal in shown for rule in RULES if rule.names and refusal.startswith(f"{rule.keys[0]}: ")]

    assert [rule.sentence for rule in RULES if rule.sentence not in shown and not (rule.names and named)] == []


def test_no_two_rules_say_the_same() -> None:
    sentences = [rule.sentence for rule in RULES]

    assert len(set(sentences)) == len(sentences)


def test_the_defaults_break_no_rule() -> None:
    assert told(defaults()) == []


def test_no_values_at_all_break_no_rule() -> None:
    assert [rule for rule in RULES if rule.when.holds({})] == []


def patterns(condition: Any) -> Iterator[str]:
    for value in vars(condition).values():
        for each in value if isinstance(value, tuple) else [value]:
            if hasattr(each, "holds"):
                yield from patterns(each)
    if hasattr(condition, "pattern"):
        yield condition.pattern


def test_patterns_mean_the_same_in_python_and_go() -> None:
    found = [pattern for rule in RULES for pattern in patterns(rule.when)]

    assert len(found) > 20
    for pattern in found:
        assert "`" not in pattern
        assert not re.search(r"\\[swdbSWDBAZG]|(?<!\\)\$|\(\?[=!<]", pattern), "each language reads this its own way"
        assert all(int(number) <= 1000 for number in re.findall(r"\{(?:\d+,)?(\d+)\}", pattern)), "Go refuses this"
        assert pattern.isprintable()


def test_sentences_are_sentences() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[a-zA-Z0-9., _]+: [a-z`].*[a-zA-Z0-9`)]\.", rule.sentence), rule.sentence
        assert rule.sentence.isascii()

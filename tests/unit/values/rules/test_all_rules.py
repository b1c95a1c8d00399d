from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

import pytest

from flowship.values.model.keys import all_keys
from flowship.values.model.root import Values
from flowship.values.model.server.process import ServerOption
from flowship.values.reading.loading import over
from flowship.values.reading.reading import defaults, with_empty_values
from flowship.values.rules.all_rules import RULES
from flowship.values.rules.language.rule import DOUBLE_VARIABLES
from flowship.values.rules.refusals import judged
from tests.unit.values.access_cases import ACCESS_CASES
from tests.unit.values.backup_cases import BACKUP_CASES
from tests.unit.values.bundled_cases import BUNDLED_CASES
from tests.unit.values.cases import STORE_CASES, Case, nested
from tests.unit.values.container_cases import CONTAINER_CASES
from tests.unit.values.gc_cases import GC_CASES
from tests.unit.values.oidc_cases import OIDC_CASES
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
    *OIDC_CASES,
    *POD_CASES,
    *CONTAINER_CASES,
    *BACKUP_CASES,
    *GC_CASES,
    *SERVER_CASES,
]


def merged(flat: dict[str, Any]) -> dict[str, Any]:
    return {**with_empty_values(Values, over(defaults(), nested(flat)))}


def told(data: dict[str, Any]) -> list[str]:
    return [finding.sentence for finding in judged(data, data)[1]]


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
    named = any(re.fullmatch("extraEnvVars: .* and .* are one variable, .*", refusal) for refusal in shown)

    assert named
    assert [
        rule.sentence for rule in RULES if rule.sentence not in shown and DOUBLE_VARIABLES not in rule.sentence
    ] == []


def test_no_two_rules_say_the_same() -> None:
    sentences = [rule.sentence for rule in RULES]

    assert len(set(sentences)) == len(sentences)


def test_the_defaults_break_no_rule() -> None:
    assert told(defaults()) == []


def test_no_values_at_all_break_no_rule() -> None:
    assert [rule for rule in RULES if rule.when.holds({})] == []


def predicates(row: list[Any]) -> Iterator[list[Any]]:
    """The rows of single questions in a condition's row."""
    if row[0] not in ("and", "or", "not"):
        yield row
    else:
        for each in row[1:]:
            yield from predicates(each)


def patterns(row: list[Any]) -> Iterator[str]:
    yield from (each[-1] for each in predicates(row) if each[0] in ("matches", "every text", "some item", "every item"))


def test_a_rule_depends_on_keys_that_there_are() -> None:
    known = {"enabled", *all_keys(), *(f"extraArgs.{option}" for option in get_args(ServerOption))}
    named = {key for rule in RULES for key in (*rule.when.keys, *rule.keys) if not key.startswith("extraEnvVars.")}
    below_maps = {key for key in named - known if key.rpartition(".")[0] in ("podSecurityContext", "securityContext")}

    assert named - known == below_maps


def test_patterns_mean_the_same_in_python_and_go() -> None:
    found = [pattern for rule in RULES for pattern in patterns(rule.when.row)]

    assert len(found) > 100
    for pattern in found:
        assert "`" not in pattern
        assert not re.search(r"\\[swdbSWDBAZG]|(?<!\\)\$|\(\?[=!<]", pattern), "each language reads this its own way"
        assert all(int(number) <= 1000 for number in re.findall(r"\{(?:\d+,)?(\d+)\}", pattern)), "Go refuses this"
        assert pattern.isprintable()


def test_sentences_are_sentences() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[a-zA-Z0-9., _]+: [a-z`].*[a-zA-Z0-9`)]\.", rule.sentence), rule.sentence
        assert rule.sentence.isascii()

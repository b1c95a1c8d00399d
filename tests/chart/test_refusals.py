from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chartgen.unknown_table import HELMS, maps
from flowship.values.model.keys import dotted
from flowship.values.model.root import Values
from flowship.values.model.unknown_keys import unknown
from flowship.values.reading import reading
from flowship.values.reading.loading import over
from flowship.values.reading.reading import defaults
from flowship.values.rules.all_rules import RULES
from flowship.values.rules.refusals import NUL, judged
from tests.chart.conftest import REFUSE, Chart, copied
from tests.helm import HelmMajor
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
from tests.unit.values.strategies import GOOD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

BOTH = pytest.mark.parametrize("major", [3, 4])
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

# Every case in one run: each is a context of its own, with values as Helm lays them over the defaults.
EACH = """{{ range $number, $values := .Values.cases }}
{{ $number }}: {{ include "mlflow.findings" (dict "Values" $values) }}
{{- end }}
"""


def at_once(render: Callable[[Any], Any], each: Iterable[Any]) -> list[Any]:
    with ThreadPoolExecutor(max_workers=2) as threads:
        return list(threads.map(render, each))


def told(folder: Path, major: HelmMajor, values: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The findings of the template for each of the values."""
    chart = copied(folder / "each", EACH, without=("values.yaml", "values.schema.json"))
    rendering = chart.render(major, {"cases": values})
    assert rendering.error == ""
    found: dict[int, list[str]] = yaml.safe_load(rendering.output)
    return [found[number] for number in range(len(values))]


@BOTH
def test_the_chart_refuses_in_the_same_words_as_flowship_check(tmp_path: Path, major: HelmMajor) -> None:
    found = told(tmp_path, major, [over(defaults(), nested(case.values)) for case in ALL])

    assert found == [list(case.refusals) for case in ALL]


@BOTH
def test_the_chart_takes_what_is_mended(tmp_path: Path, major: HelmMajor) -> None:
    found = told(tmp_path, major, [over(defaults(), nested({**case.values, **case.mended})) for case in ALL])

    assert found == [[]] * len(ALL)


@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(several=st.lists(GOOD_TYPES, min_size=40, max_size=80))
def test_any_values_break_the_same_rules_in_helm_and_python(
    tmp_path_factory: pytest.TempPathFactory, several: list[dict[str, Any]]
) -> None:
    merged = [over(defaults(), values) for values in several]
    ours = [[rule.told(values) for rule in RULES if rule.when.holds(values)] for values in merged]
    found = told(tmp_path_factory.mktemp("any"), 4, merged)

    assert [[each for each in sentences if NUL not in each] for sentences in found] == ours
    for values, sentences in zip(merged, found, strict=True):
        said = [each.sentence for each in judged(values, values)[1]]
        if {each for each in said if NUL not in each} <= {
            rule.told(values) if rule.when.holds(values) else rule.sentence for rule in RULES
        }:  # else the schema refuses
            assert sum(NUL in each for each in sentences) == sum(NUL in each for each in said)


@BOTH
def test_what_helm_prints_is_every_sentence_at_once(chart: Chart, major: HelmMajor) -> None:
    """Through Helm's own merging and the schema, for one case in ten and those with several findings."""
    chosen = [case for number, case in enumerate(ALL) if number % 10 == 0 or len(case.refusals) > 1]
    chosen = [case for case in chosen if "ldapAuth.uri" not in case.refusals[0]]

    def refusals(case: Case) -> list[str]:
        return chart.render(major, nested(case.values)).refusals

    assert at_once(refusals, chosen) == [list(case.refusals) for case in chosen]


UNKNOWN: list[dict[str, Any]] = [
    {"postgresql": {"primary": {"sidecars": []}, "tls": {"enabled": True}, "image": {"global": {}}}},
    {"mysql": {"auth": {"replicationUser": "a"}, "secondary": {"replicaCount": 1}}},
    {"backendStore": {"postgres": {"enabeld": True}, "password": "a"}, "postgres": {"enabled": True}, "bucket": "a"},
    {"ingress": {"hosts": [{"host": "a"}, {"host": "b", "path": "/", "paths": [{"path": "/", "pathtype": "Exact"}]}]}},
    {"extraArgs": {"static-prefix": "/x", "threads": 4, "serveArtifacts": True}, "service": {"enabled": True}},
    {"extraArgs": {"worker": None, "wrkers": "", "artifactsOnly": None, "workers": "", "staticPrefix": None}},
    {"backendStore": {"global": {}}, "ingress": {"global": 1}, "service": {"global": {"imageRegistry": "a"}}},
    {"hots": None, "1": "a", "[key]": "a", 'a "b" \n é': "a", "x-mine": {"a": 1}, "é": 1, "replicaCuont": 2, "": 1},
]
"""Of each kind: Bitnami's, misspelt, at another place, in lists, options, and names in quotes."""


@BOTH
def test_a_key_that_there_is_not_is_told_with_its_path_and_what_was_meant(chart: Chart, major: HelmMajor) -> None:
    for values in UNKNOWN:
        said = chart.render(major, values).refusals
        assert sorted(said) == sorted(finding.sentence for finding in reading.refused(values))
        assert all(": is " in sentence or ": takes no value" in sentence for sentence in said)


def test_any_name_is_quoted_as_python_quotes_it(tmp_path: Path) -> None:
    names = "".join(map(chr, range(0x20, 0x80))), "".join(map(chr, range(1, 0x20))), "é\x80\xa0\u2028\ufffd\U0001f600"
    paths = [*((name,) for name in names), *(("service", name) for name in names)]

    found = told(tmp_path, 4, [at(path) for path in paths])

    assert found == [[f"{dotted(path)}: {unknown(path)}"] for path in paths]


@BOTH
def test_unknown_keys_and_broken_rules_are_told_in_one_go(chart: Chart, major: HelmMajor) -> None:
    said = chart.render(major, {"replicaCuont": 2, "auth": {"enabled": True, "adminPasword": "a"}}).refusals

    assert said[:2] == [
        "auth.adminPasword: is not a known key. Did you mean auth.adminPassword?",
        "replicaCuont: is not a known key. Did you mean replicaCount?",
    ]
    assert any(sentence.startswith("auth.adminUsername: is empty") for sentence in said[2:])


LETTERS = "aeiostnrABCDE_-.é"
PLACES = {place: names for place, names in maps(Values) if "[]" not in place}


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, ...]:
    """The path of a key that is not there, but may be like one that is."""
    place = draw(st.sampled_from(sorted(PLACES)))
    name = draw(st.sampled_from(sorted({name for names in PLACES.values() for name in names})))
    at = draw(st.integers(0, len(name)))
    change = draw(st.sampled_from(["drop", "add", "swap", "join", "cut", "lower"]))
    other = {
        "drop": name[:at] + name[at + 1 :],
        "add": name[:at] + draw(st.text(LETTERS, min_size=1, max_size=4)) + name[at:],
        "swap": name[: max(at - 1, 0)] + name[max(at - 1, 0) : at + 1][::-1] + name[at + 1 :],
        "join": name[at:] + name[:at],
        "cut": name[at:],
        "lower": name.lower(),
    }[change]
    return (*place.split("."), other) if place else (other,)


@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(paths=st.lists(misspelt(), min_size=40, max_size=60, unique=True))
def test_helm_and_python_find_the_same_near_match(
    tmp_path_factory: pytest.TempPathFactory, paths: list[tuple[str, ...]]
) -> None:
    strange = [path for path in paths if path[-1] not in (*PLACES[".".join(path[:-1])], *HELMS)]
    found = told(tmp_path_factory.mktemp("near"), 4, [at(path) for path in strange])

    told_so = [f"{dotted(path)}: {unknown(path)}" in said for path, said in zip(strange, found, strict=True)]
    assert [path for path, was_told in zip(strange, told_so, strict=True) if not was_told] == []


def at(path: tuple[str, ...]) -> dict[str, Any]:
    """Values with nothing but this key."""
    first, *rest = path
    return {first: at(tuple(rest)) if rest else 1}


@BOTH
def test_the_defaults_are_taken(chart: Chart, major: HelmMajor) -> None:
    assert chart.render(major).error == ""


@BOTH
def test_sections_that_null_removed_together_are_no_problem(chart: Chart, major: HelmMajor) -> None:
    """One alone: test_whole_chart.py."""
    sections = [field.alias or name for name, field in Values.model_fields.items() if not field.exclude]

    assert chart.render(major, dict.fromkeys(sections)).error == ""


@BOTH
def test_values_of_an_older_chart_are_no_problem(tmp_path: Path, major: HelmMajor) -> None:
    """`--reuse-values` brings none of the new defaults."""
    bare = copied(tmp_path / "mlflow", REFUSE, without=("values.yaml",))

    assert bare.render(major).error == ""
    assert bare.render(major, {"auth": {"enabled": True}, "replicaCount": 2}).refusals[0].startswith("auth.admin")


@BOTH
@pytest.mark.parametrize(
    "values",
    [
        {"flaskServerSecretKey": "a\0b"},
        {"auth": {"enabled": True, "adminUsername": "a", "adminPassword": "correct horse\0battery"}},
        {"allowedHosts": ["a", "\0"]},
        {"ingress": {"hosts": [{"host": "a", "paths": [{"path": "/\0"}]}]}},
        {"extraEnvVars": {"A": {"b": ["\0"]}}},
        {"podAnnotations": {'example.com/"a" & \0': "b", "a.b": "\0"}},
    ],
)
def test_a_nul_is_refused_in_the_same_words_wherever_it_is(
    chart: Chart, major: HelmMajor, values: dict[str, Any]
) -> None:
    refusals = chart.render(major, values).refusals

    assert sorted(refusals) == sorted(finding.sentence for finding in reading.refused(values))
    assert all("holds a NUL character, which no program can be given." in each for each in refusals)


@BOTH
def test_a_backslash_before_u0000_is_no_nul(chart: Chart, major: HelmMajor) -> None:
    assert chart.render(major, {"flaskServerSecretKey": "\\u0000"}).error == ""


def refused_by_schema(error: str) -> bool:
    return "values don't meet the specifications of the schema(s)" in error


@BOTH
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("replicaCount", "2", "integer"),
        ("replicaCount", 1.5, "integer"),
        ("replicaCount", -1, "0"),
        ("auth.adminPassword", 123456789012, "string"),
        ("auth.enabled", "true", "boolean"),
        ("auth", "on", "object"),
        ("auth.defaultPermission", "DENY", "READ"),
        ("backendStore.postgres.port", 65536, "port"),
        ("backendStore.postgres.driver", "asyncpg", "psycopg2"),
        ("allowedHosts", "a", "array"),
        ("ingress.hosts", [{"paths": []}], "host"),
        ("ingress.hosts", [{"host": "a", "paths": [{"pathType": "Regex"}]}], "Prefix"),
        ("extraArgs.workers", [4], "string"),
        ("extraFlags", ["debug"], "dev"),
        ("extraEnvVars.A=B", "x", "A=B"),
        ("postgresql.architecture", "replication", "standalone"),
        ("podAnnotations.a", 1, "string"),
    ],
)
def test_the_schema_refuses_wrong_types(chart: Chart, major: HelmMajor, key: str, value: Any, words: str) -> None:
    error = chart.render(major, nested({key: value})).error

    assert refused_by_schema(error)
    assert words in error


@BOTH
def test_numbers_are_taken_where_the_old_schema_insisted_on_text(chart: Chart, major: HelmMajor) -> None:
    values = {
        "extraArgs": {"workers": 4, "staticPrefix": None, "secretsCacheTtl": 60},
        "extraEnvVars": {"MLFLOW_S3_IGNORE_TLS": True, "TIMEOUT": 5, "lower_case": None, "JSON": {"a": [1]}},
        "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
        "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "0%"}},
        "global": {"imageRegistry": "registry.example.com"},
        "postgresql": {"global": {"x": 1}},
    }
    assert chart.render(major, values).error == ""
    assert chart.render(major, None, "--set", "extraArgs.workers=4,resources.limits.cpu=1").error == ""


@BOTH
def test_no_password_is_in_what_helm_prints(chart: Chart, major: HelmMajor) -> None:
    """For broken rules; Helm's own words about a wrong type name the type only."""
    secret = "open,sesame"
    values = nested(
        {
            "auth.enabled": True,
            "auth.adminPassword": secret,
            "flaskServerSecretKey": secret,
            "extraEnvVars.MLFLOW_FLASK_SERVER_SECRET_KEY": secret,
            "backendStore.postgres.enabled": True,
            "backendStore.postgres.password": secret,
            "backendStore.existingDatabaseSecret.name": "login",
        }
    )
    rendering = chart.render(major, values)

    assert len(rendering.refusals) > 4
    assert secret not in rendering.error

"""Whatever the values, they are read or refused with sentences: no other exception, and no secret in a finding.

`FLOWSHIP_EXAMPLES=20000` tries more of them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowship.errors import ValuesError
from flowship.values.model.keys import lookup, secret_keys
from flowship.values.model.variables import VARIABLES
from flowship.values.reading.reading import read
from flowship.values.reading.unresolved import unresolved
from tests.unit.cli.running import run
from tests.unit.values.strategies import SCHEMA, VALUES

EXAMPLES = int(os.environ.get("FLOWSHIP_EXAMPLES", "400"))
SECRETS = sorted(secret_keys())
MARK = "sEsAmE"
"""Part of every text under a key of a secret, so that it is found wherever it appears."""

every = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)

ENVIRONMENTS = st.dictionaries(
    st.sampled_from([variable.name for variable in VARIABLES]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    | st.sampled_from(["1", "\udcff", "x" * 300]),
    max_size=4,
)
PRECEDENCES = st.sampled_from(["fill", "win"])

KEY = r'([A-Za-z0-9_-]+|\["(\\.|[^"\\])*"\])((\.[A-Za-z0-9_-]+)|\[\d+\]|\["(\\.|[^"\\])*"\])*'
PLACE = r"v\.yaml:\d+:\d+"
"""Where a key stands that cannot be one, such as `0E0:`, which PyYAML writes without quotes."""
SENTENCE = re.compile(rf"({PLACE}|({KEY})(, {KEY})*): .*[a-zA-Z0-9`')\"\]][.?]( \([^()]+\))?")


def marked(values: dict[str, Any]) -> dict[str, Any]:
    """The values with a mark in each text at or below the key of a secret."""
    for key in SECRETS:
        parent, _, last = key.rpartition(".")
        section = lookup(values, parent) if parent else values
        if isinstance(section, dict) and last in section:
            section[last] = _marked(section[last])
    return values


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{MARK}{key}": _marked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each) for each in value]
    return f"{MARK}{value}" if isinstance(value, str) else value


def dumped(values: dict[str, Any]) -> str:
    return str(yaml.dump(values, Dumper=yaml.CSafeDumper))


def findings(file: Path, assignments: list[str], environ: dict[str, str], precedence: Any) -> tuple[str, ...]:
    try:
        reading = read([file], assignments, environ, precedence)
    except ValuesError as error:
        return error.findings or ("",)
    list(unresolved(reading))
    repr(reading)
    return ()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("v.yaml")


def check(found: tuple[str, ...]) -> None:
    for finding in found:
        assert SENTENCE.fullmatch(finding), finding
        assert finding.isprintable()
        assert MARK not in finding


@every
@given(values=VALUES, environ=ENVIRONMENTS, precedence=PRECEDENCES)
def test_any_values_are_read_or_refused_with_sentences(
    file: Path, values: dict[str, Any], environ: dict[str, str], precedence: str
) -> None:
    file.write_text(dumped(marked(values)))

    check(findings(file, [], environ, precedence))


WORDS = st.sampled_from([*SCHEMA["properties"], "enabled", "postgres", "host", "port", "true", "null", "1", MARK])
PIECES = WORDS | st.sampled_from(
    [": ", ":\n  ", "\n", "\n  ", "- ", "[", "]", "{", "}", ", ", "'", '"', "&a ", "*a", "#"]
)


@every
@given(text=st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_is_read_or_refused(file: Path, text: str) -> None:
    file.write_text(text, errors="surrogatepass")

    for finding in findings(file, [], {}, "fill"):
        assert finding.isprintable()
        assert re.search(r"[.?]( \([^()]+\))?$", finding)


ASSIGNMENTS = st.lists(
    WORDS | st.sampled_from([".", "=", ",", "[0]", "{", "}", "\\"]) | st.text(max_size=2), max_size=8
)


@every
@given(arguments=st.lists(ASSIGNMENTS.map("".join), min_size=1, max_size=2))
def test_any_assignments_are_read_or_refused(file: Path, arguments: list[str]) -> None:
    file.write_text("")

    for finding in findings(file, arguments, {}, "fill"):
        assert finding.isprintable()
        assert re.search(r"[.?]( \(.+\))?$", finding)


@settings(every, max_examples=max(20, EXAMPLES // 20))
@given(values=VALUES)
def test_the_command_says_so_and_ends_with_status_2(file: Path, values: dict[str, Any]) -> None:
    file.write_text(dumped(marked(values)))

    result = run("check", "-f", str(file), environ=dict.fromkeys(os.environ))

    assert result.exit_code in (0, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit | click.exceptions.Exit)
    assert "Traceback" not in result.output
    assert MARK not in result.output
    assert (result.exit_code == 0) == ("valid" in result.stdout)

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowship.importing.conversion import imported, keys_of
from flowship.importing.recognition import CHARTS
from flowship.importing.writing import written
from flowship.values.model.keys import lookup
from flowship.values.reading import documents
from flowship.values.reading.reading import read
from tests.unit.importing.charts import DEFAULTS, FILES, every_key
from tests.unit.values.cases import nested
from tests.unit.values.strategies import ANYTHING

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import DataObject

ADDED = {
    chart: set(keys) - set(DEFAULTS["0.16.5"]) if chart == "1.11.5" else set(keys) for chart, keys in DEFAULTS.items()
}


@pytest.mark.parametrize("chart", CHARTS)
def test_the_file_of_a_chart_uses_every_key(chart: str) -> None:
    data = every_key(chart)

    assert [key for key in sorted(ADDED[chart]) if lookup(data, key) is None] == []


@pytest.mark.parametrize("chart", CHARTS)
def test_no_key_of_a_chart_is_unknown(chart: str) -> None:
    for data in (every_key(chart), nested(DEFAULTS[chart])):
        assert [each.path for each in keys_of(CHARTS[chart].table, data) if each.translation is None] == []


@pytest.mark.parametrize("chart", CHARTS)
def test_every_key_is_carried_over_or_explained(chart: str) -> None:
    result = imported(CHARTS[chart], every_key(chart))

    assert written(result, CHARTS[chart], "values.yaml") == (FILES / f"{chart}.imported.yaml").read_text()


@pytest.mark.parametrize("chart", CHARTS)
def test_the_defaults_of_a_chart_lose_nothing_and_are_valid(chart: str) -> None:
    result = imported(CHARTS[chart], nested(DEFAULTS[chart]))

    assert (result.left_out, result.refusals) == ((), ())


@pytest.mark.parametrize("chart", CHARTS)
def test_an_unknown_key_is_left_out_with_its_path(chart: str) -> None:
    result = imported(CHARTS[chart], {"service": {"prot": 80}})

    assert [note.key for note in result.left_out] == ["service.prot"]
    assert not result.complete


def test_null_takes_a_default_back_here_too() -> None:
    assert imported(CHARTS["0.16.5"], {"resources": None, "unheardOf": None}).values == {"resources": None}


def test_the_port_of_the_successor_is_written_out() -> None:
    assert imported(CHARTS["1.11.5"], {}).values == {"service": {"port": 80}}
    assert imported(CHARTS["1.11.5"], {"service": {"port": 8080}}).values == {"service": {"port": 8080}}
    assert imported(CHARTS["0.16.5"], {}).values == {}


def test_what_flowship_refuses_is_said_and_not_complete() -> None:
    result = imported(
        CHARTS["0.16.5"], {"auth": {"enabled": True, "adminUsername": "admin", "adminPassword": "S3cr3+"}}
    )

    assert result.left_out == ()
    assert [finding.sentence for finding in result.refusals] == [
        "auth.adminPassword: is shorter than 12 characters, which MLflow refuses. Write a longer one."
    ]
    assert not result.complete


def as_read(value: Any) -> Any:
    """As a file gives it: a whole number that a float cannot hold is none any more."""
    if isinstance(value, dict):
        return {name: as_read(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_read(each) for each in value]
    return float(value) if type(value) is int and abs(value) > 2**53 else value


@pytest.mark.parametrize("chart", CHARTS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_values_become_yaml_that_is_valid_when_nothing_is_missing(
    chart: str, data: DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = data.draw(st.lists(st.sampled_from(sorted(DEFAULTS[chart])), max_size=5, unique=True))
    values: dict[str, Any] = nested({key: as_read(data.draw(ANYTHING)) for key in keys})

    result = imported(CHARTS[chart], values)
    text = written(result, CHARTS[chart], "values.yaml")

    assert documents.read(text.encode(), "values.yaml").data() == result.values
    if result.complete:
        file: Path = tmp_path_factory.mktemp("imported") / "values.yaml"
        file.write_text(text)
        assert read([file], [], {}, "fill")


@pytest.mark.parametrize("chart", CHARTS)
def test_no_value_is_in_a_comment(chart: str) -> None:
    secret = "hunter2-hunter2"
    values = nested(dict.fromkeys(DEFAULTS[chart], secret))

    result = imported(CHARTS[chart], values)

    assert all(secret not in f"{note.key}{note.sentence}" for note in result.remarks)
    assert all(secret not in str(finding) for finding in result.refusals)

"""Every expression of every panel and alert names only metrics, labels and values that the definitions have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from chartgen.monitoring.alerts import ALERTS, LIMITS
from chartgen.monitoring.dashboards import DASHBOARDS
from chartgen.monitoring.panels import TARGET
from flowship.server.reporting.definitions import DEFINITIONS
from flowship.values.model.cluster.monitoring import AlertName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.server.reporting.definitions import Definition


def series(definition: Definition) -> tuple[str, ...]:
    """The names under which Prometheus keeps a metric."""
    if definition.kind == "histogram":
        return tuple(f"{definition.name}_{end}" for end in ("bucket", "sum", "count"))
    return (definition.name,)


SERIES = {name: definition for definition in DEFINITIONS for name in series(definition)}
OF_TARGETS = {"namespace", "job", "instance"}
"""Labels that Prometheus adds."""

EXPRESSIONS: dict[str, str] = {
    **{str(alert.name): alert.expression for alert in ALERTS},
    **{
        f"{name}: {panel.title} {number}": query.expression
        for name, dashboard in DASHBOARDS.items()
        for panel in dashboard.panels
        for number, query in enumerate(panel.queries)
    },
}
each = pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)


def selectors(expression: str) -> Iterator[tuple[Definition, str]]:
    """Each metric that an expression names, with what is between its braces."""
    for name, matchers in re.findall(r"\b((?:flowship|mlflow)_\w+)(?:\{([^}]*)\})?", expression):
        yield SERIES[name], matchers


def labels(definition: Definition) -> set[str]:
    return {*definition.labels, *(["le"] if definition.kind == "histogram" else [])}


@each
def test_every_metric_is_defined_and_of_this_target_only(expression: str) -> None:
    found = list(selectors(expression))

    assert found
    assert all(matchers.startswith(TARGET) for _, matchers in found)


@each
def test_every_label_is_one_of_the_metric(expression: str) -> None:
    for definition, matchers in selectors(expression):
        given = re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', matchers)
        assert {label for label, _, _ in given} <= labels(definition)
        if definition.choices:
            values = [value for _, _, text in given for value in text.split("|")]
            assert set(values) <= set(definition.choices)
    grouped = {label for text in re.findall(r"\bby \(([^)]*)\)", expression) for label in text.split(", ")}
    assert grouped <= OF_TARGETS.union(*(labels(definition) for definition, _ in selectors(expression)))


@each
def test_counters_are_only_seen_as_rates_and_gauges_never(expression: str) -> None:
    for function, name in re.findall(r"(\w+)\(((?:flowship|mlflow)_\w+)\{", expression):
        counts = SERIES[name].kind != "gauge"
        assert (function in ("rate", "increase")) == counts, f"{function}({name})"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_series_of_a_legend_is_named_by_a_label_that_is_left(name: str) -> None:
    for panel in DASHBOARDS[name].panels:
        for query in panel.queries:
            for label in re.findall(r"{{(\w+)}}", query.legend):
                assert re.search(rf"by \([^)]*\b{label}\b", query.expression), (panel.title, label)


def test_alerts_have_the_names_that_values_may_leave_out_and_use_every_limit() -> None:
    used = {name for name in LIMITS for alert in ALERTS if f"${name}" in alert.expression}

    assert tuple(alert.name for alert in ALERTS) == get_args(AlertName)
    assert used == set(LIMITS)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_what_an_alert_says_names_the_limits_of_its_expression(alert: object) -> None:
    expression, description = alert.expression, alert.description  # type: ignore[attr-defined]
    said, asked = ({name for name in LIMITS if f"${name}" in text} for text in (description, expression))

    assert said <= asked
    assert set(re.findall(r"\$\w*", expression)) <= {TARGET, *(f"${name}" for name in LIMITS)}


def test_no_name_of_a_limit_begins_like_another() -> None:
    names = [*LIMITS, TARGET[1:]]

    assert [(one, other) for one in names for other in names if one != other and one.startswith(other)] == []

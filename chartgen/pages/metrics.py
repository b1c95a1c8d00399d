"""docs/reference/metrics.md: every metric, from its definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.pages.markdown import page, table
from flowship.server.reporting.definitions import DEFINITIONS

if TYPE_CHECKING:
    from flowship.server.reporting.definitions import Definition

HEAD = """# Metrics

`/metrics` on the inner port (9000 in pods, `flowship up --inner-port` elsewhere) tells them to Prometheus, without a
login: [Monitoring](../how-to/monitoring.md) says how it is scraped, and what is watched.

They are summed over all workers; a worker that takes over from one that died goes on with its counters. The names
`mlflow_*` are those of `mlflow server --expose-prometheus`; `route` and `hot` are new.
"""


def metrics_page() -> str:
    """The whole page."""
    rows = [(f"`{each.name}`", each.kind, _labels(each), each.text) for each in DEFINITIONS]
    return page(f"{HEAD}\n{table(('metric', 'kind', 'labels', 'what it is'), rows)}")


def _labels(definition: Definition) -> str:
    choices = ": " + ", ".join(f"`{choice}`" for choice in definition.choices) if definition.choices else ""
    return ", ".join(f"`{label}`" for label in definition.labels) + choices

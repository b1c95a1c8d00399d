"""The part of docs/how-to/monitoring.md that is made: the table of alerts."""

from __future__ import annotations

from chartgen.monitoring.alerts import ALERTS, LIMITS
from chartgen.pages.markdown import table


def alerts_table() -> str:
    """The table of alerts, with their limits' defaults."""
    rows = [
        (
            f"[`{each.name}`](../troubleshooting/runbooks.md#{each.anchor})",
            each.severity,
            each.summary,
            _limits(each.expression),
            each.lasting,
        )
        for each in ALERTS
    ]
    return table(("alert", "severity", "what it says", "over", "for"), rows)


def _limits(expression: str) -> str:
    return ", ".join(f"`{name}`: {number}" for name, number in LIMITS.items() if f"${name}" in expression)

"""Which chart a file of values was written for, by its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.importing import community, official
from flowship.importing.conversion import keys_of
from flowship.values.model.finding import Finding, refusal
from flowship.values.model.keys import lists_of
from flowship.values.model.provenance import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.errors import ValuesError
    from flowship.importing.table import Chart

CHARTS: Mapping[str, Chart] = {chart.name: chart for chart in (*community.CHARTS, *official.CHARTS)}


def recognised(data: Mapping[str, Any], file: str) -> Chart:
    """Find the chart that knows most of the keys.

    Raises:
        ValuesError: no chart knows them, or several know equally many.
    """
    unknown = {
        chart.name: sum(each.translation is None for each in keys_of(chart.table, data)) for chart in CHARTS.values()
    }
    fewest = min(unknown.values())
    best = [name for name, count in unknown.items() if count == fewest]
    known = sum(each.translation is not None for each in keys_of(CHARTS[best[0]].table, data))
    asked = f"Say for which chart it was written: --from {lists_of(list(CHARTS), 'or')}."
    if data and known < fewest:
        raise _refused(file, f"most of its keys belong to no chart that can be imported. {asked}")
    if len(best) > 1:
        titles = lists_of([CHARTS[name].title for name in best], "and")
        raise _refused(file, f"its keys belong to {titles} alike. {asked}")
    return CHARTS[best[0]]


def _refused(file: str, sentence: str) -> ValuesError:
    return refusal([Finding(sentence, source=Source(file))])

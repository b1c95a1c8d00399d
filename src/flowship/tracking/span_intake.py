"""Where MLflow's store hands over spans of OpenTelemetry's clients, to be written here or left to it."""

from __future__ import annotations

import logging
from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking.traces import spans as seam
from flowship.mlflow_seams.tracking.traces.tables import counts_days
from flowship.tracking.requests.asked import INT32, number
from flowship.tracking.writing.spans.committing import SpanWrites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.tracking.database import TrackingDatabase
    from flowship.tracking.writing.writer import Writer

_logger = logging.getLogger(__name__)


class Intake:
    """Writes spans; `answering` is called with the route for which it does, before the answer."""

    def __init__(self, store: TrackingDatabase, answering: Callable[[str], None]) -> None:
        self._store = store
        self._answering = answering

    async def write(self, experiment_id: str, spans: Sequence[Any]) -> bool:
        """Tell whether the spans are in the database for good; where not, nothing of them is."""
        prepared = await to_thread(self._prepared, experiment_id, spans)
        if prepared is None:
            return False
        writer, writes = prepared
        if not await writer.write(writes):
            return False
        self._answering(seam.PATH)
        return True

    def _prepared(self, experiment_id: str, spans: Sequence[Any]) -> tuple[Writer[SpanWrites], SpanWrites] | None:
        writer, place = self._store.span_writer(), number(experiment_id, INT32)
        if writer is None or place is None or counts_days():
            return None
        if len({(span.trace_id, span.span_id) for span in spans}) < len(spans):
            return None  # one of them is sent twice: which one is kept depends on the database
        try:
            traces = tuple(seam.read_spans(spans))
        except Exception:  # whatever it is, MLflow meets it too, and tells it to a user
            _logger.debug("spans are left to MLflow", exc_info=True)
            return None
        return (writer, SpanWrites(place, traces)) if traces else None

"""What a client says of a whole trace at its end, and who may say it, read from its body.

None stands here for a body that is not understood whole: MLflow then answers, with its own words.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flowship.mlflow_seams.tracking.searching.traces import STATES
from flowship.mlflow_seams.tracking.traces import ends as seam
from flowship.mlflow_seams.tracking.traces.ends import LONGEST_ID, LONGEST_KEY, LONGEST_PREVIEW, LONGEST_VALUE
from flowship.tracking.reading.traces import DURATIONS, MOMENTS
from flowship.tracking.requests.asked import INT32, number
from flowship.tracking.requests.run_changes import Change
from flowship.tracking.requests.traces import experiment_of
from flowship.tracking.writing.spans.ending import EndedTrace

FIELDS = {
    *("trace_id", "client_request_id", "trace_location", "request_preview", "response_preview"),
    *("request_time", "execution_duration", "state", "trace_metadata", "tags"),
}
"""What is understood of a trace; assessments, which may be of others too, are not."""

MOST = 200
"""Tags, or pieces of metadata, that a trace is given here at most."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}))?Z", re.ASCII)
_DURATION = re.compile(r"(\d{1,12})(?:\.(\d{3}))?s", re.ASCII)


def end_trace(body: dict[str, Any]) -> Change | None:
    """Read what is said of a trace."""
    trace = body.get("trace")
    said = trace.get("trace_info") if len(body) == 1 and isinstance(trace, dict) and len(trace) == 1 else None
    if not isinstance(said, dict) or not said.keys() <= FIELDS:
        return None
    place, trace_id, state = experiment_of(said.get("trace_location")), said.get("trace_id"), said.get("state")
    experiment_id, began = number(place, INT32), moment(said.get("request_time"))
    took = duration(said["execution_duration"]) if "execution_duration" in said else None
    tags, metadata = _texts(said.get("tags", {})), _texts(said.get("trace_metadata", {}))
    if experiment_id is None or began is None or (took is None and "execution_duration" in said):
        return None
    if tags is None or metadata is None or not seam.OF_THE_STORE.isdisjoint(tags):
        return None
    if not trace_id or not _is_text(trace_id, LONGEST_ID) or not isinstance(state, str) or state not in STATES:
        return None
    named = {"client_request_id": LONGEST_ID, "request_preview": LONGEST_PREVIEW, "response_preview": LONGEST_PREVIEW}
    if not all(_is_text(said[name], longest) for name, longest in named.items() if name in said):
        return None
    columns = seam.columns(tags, metadata)
    if columns is None:
        return None
    texts = {name: said[name] for name in named if name in said}
    row = {"timestamp_ms": began, "execution_time_ms": took, "status": state, "client_request_id": None}
    kept = {key: value for key, value in tags.items() if key != seam.NAME}
    ended = EndedTrace(trace_id, experiment_id, {**row, **texts, **columns}, kept, seam.kept_metadata(metadata))
    run_id = metadata.get(seam.RUN, "")
    return Change(
        lambda sender: sender.may_end_trace(str(experiment_id), run_id),
        lambda connection, writers: writers.traces.end(connection, ended) if writers.traces else None,
    )


def moment(said: Any) -> int | None:
    """Give the milliseconds of a moment, as MLflow's client writes it; None for another way to write one."""
    found = _MOMENT.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return None
    try:
        seconds = int(datetime.fromisoformat(f"{found[1]}+00:00").timestamp())
    except ValueError:
        return None
    milliseconds = seconds * 1000 + int(found[2] or 0)
    return milliseconds if milliseconds in MOMENTS else None


def duration(said: Any) -> int | None:
    """Give the milliseconds of a duration, as MLflow's client writes it; None for another way to write one."""
    found = _DURATION.fullmatch(said) if isinstance(said, str) else None
    milliseconds = int(found[1]) * 1000 + int(found[2] or 0) if found else -1
    return milliseconds if milliseconds in DURATIONS else None


def _texts(said: Any) -> dict[str, str] | None:
    if not isinstance(said, dict) or len(said) > MOST:
        return None
    fits = all(_is_text(key, LONGEST_KEY) and _is_text(value, LONGEST_VALUE) for key, value in said.items())
    return said if fits else None


def _is_text(said: Any, longest: int) -> bool:
    return isinstance(said, str) and len(said) <= longest and "\0" not in said

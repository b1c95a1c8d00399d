"""What requests that log values want to have written to a run, read from their bodies.

None stands here for a body that is not understood whole: MLflow then answers, with its own words.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking import logged
from flowship.tracking.requests.asked import INT64
from flowship.tracking.writing.writes import Point, Writes

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 1.7976931348623157e308
"""What MLflow keeps in place of infinity, which not all databases know."""

NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""How protobuf's JSON writes what JSON has no number for."""

NAMES = 4_000
"""Names of metrics that are remembered as valid, at most 1 MB: MLflow's longest has 250 characters."""

RUN = {"run_id", "run_uuid"}


def log_metric(body: dict[str, Any]) -> Writes | None:
    """Give the writes of `runs/log-metric`."""
    run_id = _run(body)
    point = _point({name: body[name] for name in body.keys() - RUN}, run_id)
    return Writes(run_id, points=(point,)) if run_id and point else None


def log_param(body: dict[str, Any]) -> Writes | None:
    """Give the writes of `runs/log-parameter`."""
    run_id = _run(body)
    param = _pair({name: body[name] for name in body.keys() - RUN}, logged.param_as_kept)
    return Writes(run_id, params=(param,)) if run_id and param else None


def set_tag(body: dict[str, Any]) -> Writes | None:
    """Give the writes of `runs/set-tag`."""
    run_id = _run(body)
    tag = _pair({name: body[name] for name in body.keys() - RUN}, _tag_as_kept)
    return Writes(run_id, tags=(tag,)) if run_id and tag else None


def log_batch(body: dict[str, Any]) -> Writes | None:
    """Give the writes of `runs/log-batch`."""
    if not body.keys() <= {"run_id", "metrics", "params", "tags"} or not (run_id := _run(body)):
        return None
    metrics, params, tags = (body.get(name, []) for name in ("metrics", "params", "tags"))
    if not (isinstance(metrics, list) and isinstance(params, list) and isinstance(tags, list)):
        return None
    if not logged.are_within_limits(len(metrics), len(params), len(tags)):
        return None
    points = tuple(point for said in metrics if (point := _point(said, run_id)))
    kept = tuple(pair for said in params if (pair := _pair(said, logged.param_as_kept)))
    set_to = tuple(pair for said in tags if (pair := _pair(said, _tag_as_kept)))
    if len(points) < len(metrics) or len(dict(kept)) < len(params) or len(dict(set_to)) < len(tags):
        return None  # one is not understood, or a name is there twice
    return Writes(run_id, points, kept, set_to)


def _run(body: dict[str, Any]) -> str:
    """Give the run that the body names, once or by both of its names; empty if it does not."""
    run_id = body.get("run_id")
    return run_id if isinstance(run_id, str) and body.get("run_uuid", run_id) == run_id else ""


def _point(said: Any, run_id: str) -> Point | None:
    """Give a value of a metric; none if it says more than that, such as a logged model."""
    if not isinstance(said, dict) or not said.keys() <= {"key", "value", "timestamp", "step", "run_id"}:
        return None
    key, timestamp, step = said.get("key"), said.get("timestamp"), said.get("step", 0)
    value = _number(said.get("value"))
    if value is None or said.get("run_id", run_id) != run_id or type(timestamp) is not int or type(step) is not int:
        return None
    if not isinstance(key, str) or not (0 <= timestamp < 2**63 and step in INT64) or not _is_name(key):
        return None
    if math.isnan(value):
        return Point(key, 0.0, timestamp, step, True)
    return Point(key, math.copysign(LARGEST, value) if math.isinf(value) else value, timestamp, step, False)


def _number(said: Any) -> float | None:
    """Give the number that protobuf reads; numbers within texts, which it reads too, are left to it."""
    if isinstance(said, str):
        return NUMBERS.get(said)
    if type(said) is float:
        return said
    return float(said) if type(said) is int and said in INT64 else None


def _pair(said: Any, as_kept: Callable[[str, str], tuple[str, str] | None]) -> tuple[str, str] | None:
    if not isinstance(said, dict) or said.keys() != {"key", "value"}:
        return None
    key, value = said["key"], said["value"]
    if not isinstance(key, str) or not isinstance(value, str) or "\0" in key or "\0" in value:
        return None
    return as_kept(key, value)


def _tag_as_kept(key: str, value: str) -> tuple[str, str] | None:
    return None if key == logged.RUN_NAME else logged.tag_as_kept(key, value)


def _is_name(key: str) -> bool:
    """Tell whether MLflow takes this name of a metric; only right ones are remembered, and those are short."""
    try:
        return _is_valid_name(key)
    except ValueError:
        return False


@lru_cache(NAMES)
def _is_valid_name(key: str) -> bool:
    if not logged.is_metric_name(key) or "\0" in key:
        raise ValueError(key)
    return True

"""What becomes of a trace when spans of it are sent: rules of MLflow's `log_spans`, apart from the database.

A trace that is there is locked while this is decided, so that what it says now is what it says when it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.tracking.traces import spans as seam
from flowship.mlflow_seams.tracking.traces.tables import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import RowMapping

    from flowship.mlflow_seams.tracking.traces.spans import SentTrace


class Known(NamedTuple):
    """What is known of a trace that is there."""

    row: RowMapping
    is_finalized: bool
    """Whether its client has said itself when it began and ended, what it used and what it cost."""
    nodes: Sequence[tuple[Any, Any]]
    """What spans of it that are not sent again say of tokens and costs."""


def new_trace(sent: SentTrace, experiment_id: int) -> dict[str, Any]:
    """Give the row of a trace of which these are the first spans."""
    tokens, costs = sent.token_columns or {}, sent.cost_columns or {}
    said = seam.previews(sent.root, has_request=False, has_response=False) if sent.root else {}
    return {
        "request_id": sent.trace_id,
        "experiment_id": experiment_id,
        "timestamp_ms": sent.start_ms,
        "execution_time_ms": None if sent.end_ms is None else sent.end_ms - sent.start_ms,
        "status": sent.root_status or "IN_PROGRESS",
        "client_request_id": None,
        "request_preview": said.get("request_preview"),
        "response_preview": said.get("response_preview"),
        "db_payload_generation": 1,
        "trace_name": sent.name,
        "session_id": sent.session_id,
        **{name: tokens.get(name) for name in seam.token_column_names()},
        **{name: costs.get(name) for name in seam.cost_column_names()},
    }


def changed_trace(sent: SentTrace, known: Known) -> dict[str, Any]:
    """Give the row of a trace that is there, but for its id, with these spans too."""
    row: dict[str, Any] = {name: value for name, value in known.row.items() if name != "request_id"}
    row["db_payload_generation"] += 1
    if not spares_times(sent, known):
        row["timestamp_ms"], row["execution_time_ms"] = _times(sent, known.row)
    if sent.root_status and row["status"] in UNDECIDED:
        row["status"] = sent.root_status
    if sent.root:
        seen = {f"has_{name}": row[f"{name}_preview"] is not None for name in ("request", "response")}
        row |= seam.previews(sent.root, **seen)
    if sent.name is not None:
        row["trace_name"] = sent.name
    if row["session_id"] is None:
        row["session_id"] = sent.session_id
    return row | _tokens(sent, known) | _costs(sent, known)


def spares_times(sent: SentTrace, known: Known) -> bool:
    """Tell whether the times of a trace stay: MLflow asks whether it is finalized only where spans say more."""
    asks = sent.token_columns is not None or sent.cost_columns is not None or sent.session_id is not None
    return asks and known.is_finalized


def recomputes(sent: SentTrace) -> bool:
    """Tell whether what other spans of the trace say of tokens and costs matters."""
    return sent.token_columns is not None or sent.cost_columns is not None


def _times(sent: SentTrace, row: RowMapping) -> tuple[int, int | None]:
    """Give the beginning, and the duration."""
    start, duration = min(row["timestamp_ms"], sent.start_ms), row["execution_time_ms"]
    if sent.end_ms is None:
        return start, duration
    end = sent.end_ms if duration is None else max(row["timestamp_ms"] + duration, sent.end_ms)
    return start, end - start


def _tokens(sent: SentTrace, known: Known) -> dict[str, int]:
    if sent.token_columns is None or _is_authoritative(known, seam.token_column_names()):
        return {}
    return seam.token_columns([*sent.usage, *(usage for usage, _ in known.nodes)]) or {}


def _costs(sent: SentTrace, known: Known) -> dict[str, float]:
    if sent.cost_columns is None or _is_authoritative(known, seam.cost_column_names()):
        return {}
    return seam.cost_columns([*sent.cost, *(cost for _, cost in known.nodes)]) or {}


def _is_authoritative(known: Known, columns: tuple[str, ...]) -> bool:
    return known.is_finalized and any(known.row[name] is not None for name in columns)

"""What MLflow's tracking store makes of spans that OpenTelemetry sends, before it writes them; and where it does that.

The spans are MLflow's own, made by its route from what a client sent. What is kept of them is worked out by MLflow's
own functions, in the order in which its `log_spans` calls them, so that what is written is what it would write.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking.sql_store import sql_store
from flowship.mlflow_seams.tracking.traces.tables import IN_DATABASE, SPANS_LOCATION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Write = Callable[[str, Sequence[Any]], Awaitable[bool]]
    """Writes spans to an experiment, by its id; False where MLflow must do it."""

PATH = "/v1/traces"
"""Where OpenTelemetry's exporters send spans; MLflow puts no static prefix in front of it."""


@dataclass(frozen=True)
class SentTrace:
    """What one request says of one trace."""

    trace_id: str
    start_ms: int
    end_ms: int | None
    root_status: str | None
    root: dict[str, Any] | None
    """The last of the spans without a parent, as it is kept."""
    name: str | None
    session_id: str | None
    user_id: str | None
    tags: dict[str, str]
    usage: list[Any]
    """What each span says of tokens, with its place in the tree."""
    cost: list[Any]
    token_columns: dict[str, int] | None
    """Tokens of these spans alone, by column; None if none of them says any."""
    cost_columns: dict[str, float] | None
    spans: tuple[dict[str, Any], ...]
    """Rows of spans, without their experiment."""


def write_spans_with(write: Write) -> None:
    """Have MLflow's ordinary tracking store write spans of OpenTelemetry by `write`, and itself what that does not."""
    store: Any = sql_store().SqlAlchemyStore
    own = store.log_spans_async

    async def log_spans_async(self: Any, location: str, spans: list[Any]) -> list[Any]:
        if type(self) is store and await write(location, spans):
            return spans
        logged: list[Any] = await own(self, location, spans)
        return logged

    store.log_spans_async = log_spans_async


def read_spans(spans: Iterable[Any]) -> list[SentTrace]:
    """Give what is to be kept of the spans, by trace; raises what MLflow raises for spans that it does not keep."""
    by_trace: defaultdict[str, list[Any]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace_id].append(span)
    return [_read_trace(trace_id, of_trace) for trace_id, of_trace in by_trace.items()]


def previews(root: dict[str, Any], *, has_request: bool, has_response: bool) -> dict[str, str]:
    """Give the beginnings of what went into a trace and came out of it, where it has none yet, by column."""
    known = SimpleNamespace(request_preview="" if has_request else None, response_preview="" if has_response else None)
    update = sql_store().SqlAlchemyStore._update_trace_info_attributes(None, known, root)
    return {column.key: value for column, value in update.items()}


def nodes(span_id: str, parent_id: str | None, content: str) -> tuple[Any, Any] | None:
    """Give what a span that is kept says of tokens and of costs, as in a `SentTrace`; None if it cannot be read."""
    try:
        attributes = json.loads(content).get("attributes") or {}
    except (json.JSONDecodeError, AttributeError):
        return None
    return _nodes(span_id, parent_id, attributes)


def token_columns(usage: list[Any]) -> dict[str, int] | None:
    """Add up the tokens of a trace, by column; None if no span says any."""
    store = sql_store()
    total = store.aggregate_usage_from_span_nodes(usage)
    return total and _columns(total, store.TOKEN_COLUMN_BY_KEY, store.token_count_or_none)


def cost_columns(cost: list[Any]) -> dict[str, float] | None:
    """Add up the costs of a trace, by column; None if no span says any."""
    store = sql_store()
    total = store.aggregate_cost_from_span_nodes(cost)
    return total and _columns(total, store.COST_COLUMN_BY_KEY, store.finite_float_or_none)


def token_column_names() -> tuple[str, ...]:
    """Name the columns of a trace's tokens."""
    return tuple(sql_store().TOKEN_COLUMN_BY_KEY.values())


def cost_column_names() -> tuple[str, ...]:
    """Name the columns of a trace's costs."""
    return tuple(sql_store().COST_COLUMN_BY_KEY.values())


def _columns(total: dict[str, Any], columns: dict[str, str], as_kept: Callable[[Any], Any]) -> dict[str, Any]:
    values = {column: as_kept(total.get(key)) for key, column in columns.items()}
    return {column: value for column, value in values.items() if value is not None}


@cache
def _encoder() -> json.JSONEncoder:
    encoder: json.JSONEncoder = sql_store().TraceJSONEncoder(ensure_ascii=False)
    return encoder


def _read_trace(trace_id: str, spans: list[Any]) -> SentTrace:
    store = sql_store()
    kept = [store.translate_span_when_storing(span) for span in spans]
    attributes = [each.get("attributes", {}) for each in kept]
    roots = [each for span, each in zip(spans, kept, strict=True) if span.parent_id is None]
    told = [_nodes(span.span_id, span.parent_id, of_span) for span, of_span in zip(spans, attributes, strict=True)]
    usage, cost = [tokens for tokens, _ in told], [costs for _, costs in told]
    ends = [span.end_time_ns for span in spans if span.end_time_ns is not None]
    of_roots = _tags_of_roots(roots)
    name = of_roots.pop(store.TraceTagKey.TRACE_NAME, None)
    session = store.SpanAttributeKey.SESSION_ID, store.GenAiSemconvKey.CONVERSATION_ID
    return SentTrace(
        trace_id=trace_id,
        start_ms=min(span.start_time_ns for span in spans) // 1_000_000,
        end_ms=max(ends) // 1_000_000 if ends else None,
        root_status=store.SqlAlchemyStore._get_trace_status_from_root_span(None, spans),
        root=roots[-1] if roots else None,
        name=name,
        session_id=store.validate_session_id(_first(attributes, *session)) or None,
        user_id=_first(attributes, "user.id") or None,
        tags=_tags_of_resource(spans) | of_roots,
        usage=usage,
        cost=cost,
        token_columns=token_columns(usage),
        cost_columns=cost_columns(cost),
        spans=tuple(_row(*each) for each in zip(spans, kept, cost, strict=True)),
    )


def _nodes(span_id: str, parent_id: str | None, attributes: dict[str, Any]) -> tuple[Any, Any]:
    store = sql_store()
    keys = store.SpanAttributeKey.CHAT_USAGE, store.SpanAttributeKey.LLM_COST
    usage, cost = (store._span_aggregation_node(span_id, parent_id, attributes, key) for key in keys)
    return usage, cost


def _first(attributes: list[dict[str, Any]], *keys: str) -> str | None:
    """Give what the first span says that says anything under one of these keys."""
    said = (value for of_span in attributes for key in keys if (value := of_span.get(key)))
    value = next(said, None)
    return None if value is None else sql_store()._try_parse_json_string(value)


def _tags_of_roots(roots: list[dict[str, Any]]) -> dict[str, str]:
    """Give the tags of the trace that its root spans carry as attributes, its name among them."""
    store = sql_store()
    prefix = store.SpanAttributeKey.TRACE_TAG_PREFIX
    tags: dict[str, str] = {}
    for root in roots:
        for attribute, value in root.get("attributes", {}).items():
            if attribute.startswith(prefix):
                said = str(store._try_parse_json_string(value))
                if (tag := _valid_tag(attribute[len(prefix) :], said)) is not None:
                    named = tag[0] == store.TraceTagKey.TRACE_NAME
                    tags[tag[0]] = store.validate_trace_name(tag[1]) if named else tag[1]
    return tags


def _tags_of_resource(spans: list[Any]) -> dict[str, str]:
    """Give the tags of a trace that say where its spans were kept, and what they came from."""
    resources = (getattr(span._span, "resource", None) for span in spans)
    resource = next((each for each in resources if each is not None and each.attributes), None)
    tags = {SPANS_LOCATION: IN_DATABASE}
    for key, value in resource.attributes.items() if resource is not None else ():
        if not key.startswith(("telemetry.sdk.", "mlflow.")):
            said = value if isinstance(value, str) else json.dumps(value)
            tags.update(filter(None, [_valid_tag(key, said)]))
    return tags


def _valid_tag(key: str, value: str) -> tuple[str, str] | None:
    try:
        kept: tuple[str, str] = sql_store()._validate_trace_tag(key, value)
    except Exception:  # as MLflow has it: such a tag is left out
        return None
    return kept


def _row(span: Any, kept: dict[str, Any], cost: Any) -> dict[str, Any]:
    store = sql_store()
    attributes = kept.get("attributes", {})
    costs = _costs(attributes.get(store.SpanAttributeKey.LLM_COST)) if cost.data is None else cost.data
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_id,
        "name": span.name,
        "type": span.span_type,
        "status": span.status.status_code,
        "start_time_unix_nano": span.start_time_ns,
        "end_time_unix_nano": span.end_time_ns,
        "content": _encoder().encode(kept),
        "input_cost": store.finite_float_or_none(costs.get("input_cost")),
        "output_cost": store.finite_float_or_none(costs.get("output_cost")),
        "total_cost": store.finite_float_or_none(costs.get("total_cost")),
        "model_name": _dimension(attributes.get(store.SpanAttributeKey.MODEL)),
        "model_provider": _dimension(attributes.get(store.SpanAttributeKey.MODEL_PROVIDER)),
    }


def _dimension(said: str | None) -> str | None:
    store = sql_store()
    found: str | None = None if said is None else store.bounded_model_dimension(store._try_parse_json_string(said))
    return found


def _costs(said: str | None) -> dict[str, Any]:
    try:
        costs: dict[str, Any] = json.loads(said) if said else {}
    except (TypeError, ValueError):
        return {}
    return costs

"""A program that sends the same searches for traces to MLflow's own handlers and to the hot API, and fails where
answers differ. Its arguments are those of `twins.py`.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.tracking.sides import Answered, Sides, follow, main, many, mostly

SEARCH = "mlflow/traces/search"
PREFIXES = st.sampled_from(["/api/3.0", "/ajax-api/3.0"])

# --------------------------------------------------------------------------------------------------- what there is

NAMES = ["a", "A", "a_b", "a.b", "ä 密", "mlflow.x"]
VALUES = ["1", "one", "One", "o_e", "100%", "😀", "", "x" * 300]
STATES = ["OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"]
SESSION, USER, RUN = "mlflow.trace.session", "mlflow.trace.user", "mlflow.sourceRun"
TOKENS, COSTS = {"input_tokens": 3, "total_tokens": 5}, {"input_cost": 0.1, "total_cost": 1.0}
FEEDBACK: list[Any] = [True, 0.5, 2, "yes", None, [1, "a"], {"b": 1.5}]


def fill(sides: Sides) -> list[str]:
    """Two experiments with traces that differ little, some with spans, some linked to a run; their ids."""
    store = sides.store
    experiments = [store.create_experiment(f"searched {number}") for number in range(2)]
    run = store.create_run(experiments[0], "ada", 1, [], "run").info.run_id
    for number in range(24):
        _start(store, experiments[number % 5 == 0], number, run)
    store.link_traces_to_run([_id(3), _id(8)], run)
    _add_spans(store, experiments)
    return [*experiments, run]


def _id(number: int) -> str:
    return f"tr-{number:032x}"


def _start(store: Any, experiment: str, number: int, run: str) -> None:
    from mlflow.entities import TraceInfo, TraceLocation, TraceState

    metadata = {
        **({SESSION: f"s{number % 3}"} if number % 4 else {}),
        **({RUN: run} if number % 6 == 1 else {}),
        **({"mlflow.trace.tokenUsage": json.dumps(TOKENS)} if number % 3 == 0 else {}),
        **({"mlflow.trace.cost": json.dumps(COSTS)} if number % 6 == 0 else {}),
        **({"mlflow.modelId": "m-1", NAMES[number % 6]: VALUES[number % 7]} if number % 5 else {}),
    }
    tags = {NAMES[number % 6]: VALUES[number % 8], **({"mlflow.traceName": VALUES[number % 7]} if number % 2 else {})}
    store.start_trace(
        TraceInfo(
            trace_id=_id(number),
            trace_location=TraceLocation.from_experiment_id(experiment),
            request_time=[0, 7, 1_000, 1_700_000_000_123, 253_402_300_799_990][number % 5] + number // 12,
            execution_duration=[None, 0, 5, 1_000, 1_234_567][number % 5],
            state=TraceState(STATES[number % 4]),
            client_request_id=f"c{number}" if number % 3 else None,
            request_preview=[None, "", "ä", "{}"][number % 4],
            response_preview=["x" * 1000, None, "n"][number % 3],
            trace_metadata=metadata,
            tags=tags,
            assessments=_assessments(number),
        )
    )


def _add_spans(store: Any, experiments: list[str]) -> None:
    from mlflow.store.tracking.dbmodels.models import SqlSpan

    with store.ManagedSessionMaker(read_only=False) as session:
        for number in range(0, 24, 3):
            session.add(
                SqlSpan(
                    trace_id=_id(number),
                    experiment_id=int(experiments[number % 5 == 0]),
                    span_id=f"{number:016x}",
                    name=VALUES[number % 7],
                    type=["LLM", "TOOL"][number % 2],
                    status=STATES[number % 2],
                    start_time_unix_nano=number * 10**6,
                    end_time_unix_nano=number * 10**7,
                    content=json.dumps({"attributes": {"x": json.dumps(["y", "z"][number % 2])}}),
                )
            )


def _assessments(number: int) -> list[Any]:
    from mlflow.entities import AssessmentError, AssessmentSource, Expectation, Feedback, IssueReference

    source = AssessmentSource(["HUMAN", "LLM_JUDGE", "CODE"][number % 3], [None, "ada", ""][number % 3])
    if number % 4 == 1:
        error = AssessmentError("E", "went wrong", "at" * 900) if number % 8 == 1 else None
        rest = {"rationale": "why", "span_id": "s"} if number % 3 else {}
        held = {SESSION: "s1"} if number % 3 == 1 else None
        return [
            Feedback("good", FEEDBACK[number % 7], error, source, metadata=held, create_time_ms=number, **rest),
            *([Expectation("right", FEEDBACK[number % 4], source, create_time_ms=5)] if number % 3 else []),
        ]
    if number % 4 == 2:
        return [
            Expectation(
                "right", FEEDBACK[5 + number % 2], source, metadata={"a": "b"}, create_time_ms=1_700_000_000_001
            ),
            IssueReference("i-1", "issue", source, run_id="r" if number % 3 else None, create_time_ms=7),
        ]
    return []


# ----------------------------------------------------------------------------------------------- searches that differ

KEYS = st.sampled_from(
    [
        *("attributes.status", "timestamp_ms", "trace.timestamp", "execution_time_ms", "end_time", "request_id"),
        *("trace.status", "trace.name", "name", "tags.a", "tag.a_b", "tags.`mlflow.traceName`", "tags.`ä 密`"),
        *("metadata.a", "request_metadata.`mlflow.trace.session`", "metadata.`mlflow.trace.tokenUsage`", "run_id"),
        *("feedback.good", "expectation.right", "issue.id", "span.name", "span.type", "span.attributes.x", "prompt"),
        *("trace.client_request_id", "trace.text", "trace.execution_time", "odd.key", "x", "", "trace.run_id"),
        *("metadata.`mlflow.trace.cost`", "session_id", "trace.session_id", "attributes.client_request_id"),
    ]
)
COMPARATORS = st.sampled_from(
    ["=", "!=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "RLIKE", "=="]
)
OPERANDS = st.one_of(
    st.sampled_from(VALUES[:7] + NAMES).map(lambda value: "'" + value.replace("'", '"') + "'"),
    st.sampled_from(["0.5", "7", "1000", "'7'", "'o%'", "'%O%'", "('a', 'one')", "'OK'", "'^o'", "'a/1'", "'true'"]),
    st.sampled_from(["()", "('x')", "NULL", "", "'ä", "99999999999999999999", "'\0'"]),
)
COMPARISONS = st.builds(lambda *parts: " ".join(parts), KEYS, COMPARATORS, OPERANDS)
GOOD = st.sampled_from(
    [
        *("attributes.status = 'OK'", "trace.status != 'OK'", "status IN ('OK', 'ERROR')", "timestamp_ms > 7"),
        *("trace.timestamp <= 1700000000123", "execution_time_ms >= 5", "trace.end_time > 7", "trace.name = 'one'"),
        *("name LIKE 'o%'", "trace.name ILIKE 'O%'", "tags.a = '1'", "tags.a_b != 'one'", "tags.A IS NULL"),
        *("tags.`ä 密` IS NOT NULL", "metadata.a LIKE '%'", "metadata.`mlflow.trace.session` = 's1'"),
        *("metadata.`mlflow.trace.tokenUsage` IS NOT NULL", "metadata.A IS NULL", "feedback.good = 'true'"),
        *("feedback.good = 'yes'", "feedback.good > 0.2", "feedback.good IS NULL", "feedback.good IS NOT NULL"),
        *("expectation.right = '0.5'", "expectation.right IS NOT NULL", "issue.id = 'i-1'", "span.name LIKE '%'"),
        *("span.attributes.x = 'y'", "prompt = 'p/1'", "run_id = 'RUN'", "metadata.`mlflow.sourceRun` = 'RUN'"),
        *("request_id = 'tr-00000000000000000000000000000003'", "client_request_id = 'c1'", "tags.a RLIKE '^o'"),
    ]
)
FILTERS = mostly(
    st.just("") | st.lists(GOOD, min_size=1, max_size=3).map(" AND ".join),
    st.lists(st.one_of(GOOD, COMPARISONS), min_size=1, max_size=3).map(" and ".join) | st.text(max_size=10),
)
GOOD_ORDERS = st.sampled_from(
    [
        *("timestamp_ms", "timestamp DESC", "trace.timestamp ASC", "status", "execution_time_ms DESC", "request_id"),
        *("tags.a", "tag.A desc", "metadata.a", "trace.name", "tags.`mlflow.traceName` DESC", "run_id"),
        *("metadata.`mlflow.trace.session`", "attributes.client_request_id", "experiment_id"),
    ]
)
ODD_ORDERS = st.builds(lambda *parts: "".join(parts), KEYS, st.sampled_from(["", " x"]))
ORDERS = st.lists(mostly(GOOD_ORDERS, ODD_ORDERS), max_size=3)
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, "7", 1.5, [], {}, 2**31, -1, 0, 501, [1], "e30="])
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "filter": mostly(FILTERS, ODD),
        "order_by": mostly(ORDERS, ODD),
        "max_results": mostly(st.integers(1, 12), ODD),
    },
)
PLACES = mostly(
    st.sampled_from([["0"], ["1"], ["0", "1"], ["1", "0", "0"], ["0", "none"], ["none"]]),
    st.sampled_from([[], ["x"], ["00"], ["1.1"], ["table"], ["0", "table"], ["camel"], ["more"], [""], ["typed"]]),
)


def place(name: str, experiments: list[str]) -> Any:
    """A place to search, mostly an experiment of ours."""
    experiment = {"0": experiments[0], "1": experiments[1], "none": "99"}.get(name, name)
    if name == "table":
        return {"type": "INFERENCE_TABLE", "inference_table": {"full_table_name": "a.b"}}
    if name == "camel":
        return {"mlflowExperiment": {"experimentId": experiments[0]}}
    if name == "more":
        return {"mlflow_experiment": {"experiment_id": experiments[0], "more": 1}}
    if name == "typed":
        return {"type": 1, "mlflow_experiment": {"experiment_id": experiments[0]}}
    return {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}


def same(sides: Sides) -> None:
    """Send searches to both, and ask for the pages that follow."""
    *experiments, run = fill(sides)

    @many
    @given(prefix=PREFIXES, body=BODIES, places=PLACES, more=st.sampled_from([{}] * 19 + [{"odd": 1}]))
    def twins(prefix: str, body: dict[str, Any], places: list[str], more: dict[str, Any]) -> None:
        asked = {"locations": [place(name, experiments) for name in places], **body, **more}

        def ask(asked: dict[str, Any]) -> Answered:
            sent = json.dumps(asked).replace("'RUN'", f"'{run}'").encode()
            return sides.compare("", "POST", f"{prefix}/{SEARCH}", "", sent)

        follow(asked, ask)

    twins()


if __name__ == "__main__":
    main(same)

"""What a search for traces takes from MLflow: its statement, what is told of what it finds, and to whom."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.searching import traces as seam
from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from tests.unit.in_mlflow import in_mlflow

MADE = """
from flowship.mlflow_seams.tracking.traces.tables import trace_tables
from flowship.mlflow_seams.tracking.searching.traces import EXPERIMENTS, statement
found = statement(
    "status = 'OK' AND tags.a = 'b' AND metadata.c LIKE 'd' AND span.name = 'e' AND run_id = 'f' AND feedback.g = 'h'",
    ["tags.i DESC", "timestamp_ms"],
    "sqlite",
)
columns = [*trace_tables().infos.c.keys()]
assert found.selected_columns.keys()[: len(columns)] == columns
text = str(found)
assert all(name in text for name in ("trace_tags", "trace_request_metadata", "spans", "entity_associations"))
assert text.count(f"(__[POSTCOMPILE_{EXPERIMENTS}])") == 3  # of the search, and of a session that was assessed
print(text[text.rindex("ORDER BY") :].split())
"""

REFUSED: list[tuple[str, list[str]]] = [
    ("odd.key = 1", []),
    ("status >", []),
    ("", ["status", "status DESC"]),
    ("", ["odd.key"]),
    ("", [f"tags.a{number}" for number in range(MOST + 1)]),
    (" AND ".join(["timestamp_ms > 1"] * MOST), ["status"]),
    ("tags.a = '" + "a" * LONGEST, []),
    ("", ["tags." + "a" * LONGEST]),
]

TOLD = """
import json
from types import SimpleNamespace
from google.protobuf.json_format import MessageToDict
from mlflow.store.tracking.dbmodels.models import SqlTraceInfo, SqlTraceMetadata, SqlTraceTag
from flowship.mlflow_seams.tracking.searching.traces import told_metadata, told_tags

tags = {"a": "x" * 5000, "mlflow.traceName": "other"}
metadata = {"b": "ä" * 300, "mlflow.trace.session": "other", "mlflow.trace.cost": "other"}
row = SqlTraceInfo(
    request_id="t", experiment_id=1, timestamp_ms=1, status="OK", trace_name="n", session_id="s", input_tokens=3,
    total_cost=0.25, tags=[SqlTraceTag(key=k, value=v) for k, v in tags.items()],
    request_metadata=[SqlTraceMetadata(key=k, value=v) for k, v in metadata.items()],
)
told = MessageToDict(row.to_mlflow_entity().to_proto(), preserving_proto_field_name=True)
assert told["tags"] == told_tags(tags, "n")
assert told["trace_metadata"] == told_metadata(metadata, row)
print(len(told["tags"]["a"]), len(told["trace_metadata"]))
"""

DECIDED = """
from types import SimpleNamespace
from mlflow.protos.service_pb2 import SearchTracesV3, TraceInfoV3
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.searching import traces as seam

auth = auth_app()
assert auth.BEFORE_REQUEST_HANDLERS[SearchTracesV3] is auth.validate_can_search_traces_v3
assert auth.AFTER_REQUEST_PATH_HANDLERS[SearchTracesV3] is auth.redact_search_traces_v3_assessments
asked = []
auth.authenticate_request = lambda: SimpleNamespace(username="ada")
auth.authorize = lambda *given: asked.append(given) or True
auth.retention_gate = lambda *given: asked.append(given) or SimpleNamespace(retains=lambda kind: True)
search = "feedback.good = 'yes' AND run_id = 'r'", ["metadata.`mlflow.modelId`"]

assert auth._authorize_trace_search(["1", "2"], search[0], order_by=search[1])
assert seam.may_search("ada", ["1", "2"], [*seam.asks_of(*search)])
key = lambda given: (given[0], given[1], set(given[2]))
assert key(asked[0]) == key(asked[1]) and len(asked[0][2]) == 2 * 2 + 2 * 3
assert not seam.may_search("ada", [], [])

trace = TraceInfoV3(trace_metadata={"mlflow.sourceRun": "r", "mlflow.modelId": "m"})
trace.trace_location.mlflow_experiment.experiment_id = "1"
trace.assessments.add()
del asked[:]
auth._withhold_denied_assessments([trace])
assert seam.may_see_assessments("ada", "1") and asked[0] == asked[1], asked
del asked[:]
auth._withhold_denied_trace_metadata_siblings([trace.trace_metadata], "ada")
assert all(seam.may_see("ada", kind) for kind in seam.metadata_of_others().values())
assert asked[0][:2] == asked[1][:2] == asked[2][:2]
assert {*asked[0][2]} == {*asked[1][2], *asked[2][2]}
auth.retention_gate = lambda *given: SimpleNamespace(retains=lambda kind: False)
auth._withhold_denied_trace_metadata_siblings([trace.trace_metadata], "ada")
assert not trace.trace_metadata and not seam.may_see("ada", "run")
print("same")
"""


def test_a_search_is_made_a_statement_with_a_traces_columns_first() -> None:
    assert in_mlflow(MADE) == str(
        ["ORDER", "BY", "clause_0,", "anon_1.value", "DESC,", "trace_info.timestamp_ms,", "trace_info.request_id"]
    )


def test_what_mlflow_refuses_is_left_to_it() -> None:
    program = (
        "from flowship.mlflow_seams.tracking.searching.traces import statement\n"
        f"print([statement(*search, 'sqlite') for search in {REFUSED!r}])"
    )

    assert in_mlflow(program) == str([None] * len(REFUSED))


def test_tags_and_metadata_are_told_as_mlflow_tells_them() -> None:
    assert in_mlflow(TOLD) == "4096 4"


def test_who_may_search_and_is_told_what_is_decided_as_mlflow_does() -> None:
    assert in_mlflow(DECIDED) == "same"


def test_pages_are_those_of_mlflow() -> None:
    from mlflow import __version__
    from mlflow.entities import TraceState
    from mlflow.protos.service_pb2 import SearchTracesV3
    from packaging.version import Version

    program = "from flowship.mlflow_seams.tracking.searching.traces import looks_ahead; print(looks_ahead())"

    assert {state.value for state in TraceState} == seam.STATES
    assert SearchTracesV3().max_results == seam.DEFAULT_PAGE
    assert in_mlflow(program) == str(Version(__version__) >= Version("3.18"))

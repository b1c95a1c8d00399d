"""What MLflow makes of what a client says of a whole trace."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.traces import ends as seam
from tests.unit.in_mlflow import in_mlflow

KEPT = """
import json
from flowship.mlflow_seams.tracking.traces.ends import NAME, columns, kept_metadata

usage = {"mlflow.trace.tokenUsage": json.dumps({"input_tokens": 3, "output_tokens": "x"})}
assert columns({}, {}) == {}
assert columns({NAME: "n"}, usage) == {"trace_name": "n", "input_tokens": 3, "output_tokens": None}
print(kept_metadata({"a": "b", "mlflow.trace.infoFinalized": "false", **usage}))
"""

DECIDED = """
import inspect
from mlflow.protos.service_pb2 import StartTraceV3
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.traces import ends as seam

auth, asked = auth_app(), []
assert auth.BEFORE_REQUEST_HANDLERS[StartTraceV3] is auth.validate_can_start_trace_v3
assert auth.AFTER_REQUEST_PATH_HANDLERS[StartTraceV3] is auth.redact_start_trace_v3_metadata
assert "_authorize_create_in_experiment(experiment_id, RESOURCE_TYPE_TRACE, extra)" in inspect.getsource(
    auth.validate_can_start_trace_v3
)
auth._authorize_create_in_experiment_as = lambda *given: asked.append(given) or True
print(seam.may_send("ada", "1"), asked == [("ada", "1", auth.RESOURCE_TYPE_TRACE)])
"""


def test_what_is_kept_is_what_mlflow_keeps() -> None:
    assert in_mlflow(KEPT) == str({"a": "b", "mlflow.trace.infoFinalized": "true"})


def test_who_may_say_it_is_decided_as_mlflow_does() -> None:
    assert in_mlflow(DECIDED) == "True True"


def test_the_keys_are_mlflows() -> None:
    from mlflow.tracing.constant import TraceMetadataKey, TraceTagKey
    from mlflow.utils.mlflow_tags import MLFLOW_ARTIFACT_LOCATION

    assert (seam.RUN, seam.NAME) == (TraceMetadataKey.SOURCE_RUN, TraceTagKey.TRACE_NAME)
    assert {MLFLOW_ARTIFACT_LOCATION, TraceTagKey.SPANS_LOCATION} < seam.OF_THE_STORE
    blocked = "from mlflow.server.handlers import _HANDLER_BLOCKED_TRACE_TAGS as tags; print(*sorted(tags))"
    assert {*in_mlflow(blocked).split()} <= seam.OF_THE_STORE

"""What MLflow's store makes of spans, and that it still makes it where and as it did."""

from __future__ import annotations

import hashlib
import inspect
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from flowship.mlflow_seams.tracking.traces import spans as seam
from flowship.mlflow_seams.tracking.traces.tables import INFO

LOG_SPANS = {"3.17.2": "6abc5a23ddf61e7e", "3.18.0": "e09e8d83dc05230b"}
"""What MLflow's `_log_spans_once` is, of which `flowship.tracking.writing.spans` does the same: where it has changed,
see what, and do that too."""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::sqlalchemy.exc.SADeprecationWarning")
"""MLflow's own, when its store is imported."""


def test_mlflow_writes_spans_as_it_did() -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    source = inspect.getsource(SqlAlchemyStore._log_spans_once)

    assert hashlib.sha256(source.encode()).hexdigest()[:16] in LOG_SPANS.values()


def test_the_route_and_the_columns_are_mlflows() -> None:
    from mlflow.tracing.utils.otlp import OTLP_TRACES_PATH

    assert seam.PATH == OTLP_TRACES_PATH
    assert set(seam.token_column_names()) | set(seam.cost_column_names()) <= INFO


@pytest.mark.parametrize("written", [True, False])
def test_what_is_not_written_is_left_to_mlflow(monkeypatch: pytest.MonkeyPatch, *, written: bool) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    left: list[Any] = []

    async def own(self: Any, location: str, spans: list[Any]) -> list[Any]:
        left.append(location)
        return spans

    async def write(location: str, spans: Any) -> bool:
        return written

    monkeypatch.setattr(SqlAlchemyStore, "log_spans_async", own, raising=False)
    seam.write_spans_with(write)
    store = object.__new__(SqlAlchemyStore)
    of_others: Any = object.__new__(type("Other", (SqlAlchemyStore,), {}))

    assert anyio.run(store.log_spans_async, "1", ["span"]) == ["span"]
    assert anyio.run(of_others.log_spans_async, "2", ["span"]) == ["span"]
    assert left == (["2"] if written else ["1", "2"])


def test_a_stored_span_that_cannot_be_read_says_nothing() -> None:
    assert seam.nodes("s", None, "{") is None
    assert seam.nodes("s", None, "[]") is None
    told = seam.nodes("s", "p", '{"attributes": {"mlflow.chat.tokenUsage": {"input_tokens": 1}}}')
    assert told
    usage, cost = told
    assert (usage.span_id, usage.parent_id, usage.data, cost.data) == ("s", "p", {"input_tokens": 1}, None)


def test_a_preview_that_is_there_stays() -> None:
    root = {"attributes": {"mlflow.spanInputs": '"in"', "mlflow.spanOutputs": '"out"'}}

    assert seam.previews(root, has_request=False, has_response=False) == {
        "request_preview": '"in"',
        "response_preview": '"out"',
    }
    assert seam.previews(root, has_request=True, has_response=True) == {}
    assert seam.previews(SimpleNamespace(), has_request=False, has_response=False) == {}  # type: ignore[arg-type]

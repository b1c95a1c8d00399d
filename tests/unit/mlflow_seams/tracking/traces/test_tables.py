"""The tables of MLflow's traces, and its words for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.tracking.traces import tables as seam

if TYPE_CHECKING:
    import pytest


def test_the_tables_hold_what_is_known() -> None:
    assert seam.are_known(seam.trace_tables())


def test_the_words_are_mlflows() -> None:
    from mlflow.entities.trace_state import TraceState
    from mlflow.tracing.constant import SpansLocation, TraceMetadataKey, TraceTagKey

    assert (seam.FINALIZED, seam.USER) == (TraceMetadataKey.TRACE_INFO_FINALIZED, TraceMetadataKey.TRACE_USER)
    assert (TraceTagKey.SPANS_LOCATION, SpansLocation.TRACKING_STORE.value) == (seam.SPANS_LOCATION, seam.IN_DATABASE)
    assert {TraceState.IN_PROGRESS.value, TraceState.STATE_UNSPECIFIED.value} == seam.UNDECIDED


def test_days_are_counted_when_mlflow_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not seam.counts_days()

    monkeypatch.setenv("MLFLOW_SQL_TRACE_ROLLUPS_ENABLED", "true")

    assert seam.counts_days()


def test_artifacts_of_a_new_trace_are_where_mlflow_keeps_them() -> None:
    assert seam.artifact_tag("mlflow-artifacts:/1", "tr-a") == (
        "mlflow.artifactLocation",
        "mlflow-artifacts:/1/traces/tr-a/artifacts",
    )

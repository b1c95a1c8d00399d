"""The routes that are answered here, by MLflow's names of their messages, and what reads each one's request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking.routes import HISTORY_BULK
from flowship.tracking.requests.experiments import get_experiment, get_experiment_by_name, search_experiments
from flowship.tracking.requests.histories import get_metric_history, get_metric_history_bulk, get_sampled_history
from flowship.tracking.requests.run_changes import create_run, update_run
from flowship.tracking.requests.run_values import log_batch, log_metric, log_param, set_tag
from flowship.tracking.requests.runs import get_run, search_runs
from flowship.tracking.requests.trace_ends import end_trace
from flowship.tracking.requests.traces import search_traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.tracking.requests.asked import Asked
    from flowship.tracking.requests.run_changes import Change
    from flowship.tracking.writing.writes import Writes

WRITES: dict[str, Callable[[dict[str, Any]], Writes | None]] = {
    "LogMetric": log_metric,
    "LogBatch": log_batch,
    "LogParam": log_param,
    "SetTag": set_tag,
}
"""What reads the body of each hot route that adds to a run."""

CHANGES: dict[str, Callable[[dict[str, Any]], Change | None]] = {
    "CreateRun": create_run,
    "UpdateRun": update_run,
    "StartTraceV3": end_trace,
}
"""What reads the body of each hot route that makes or changes a run, or a trace as a whole."""

READS: dict[str, Callable[[dict[str, Any]], Asked | None]] = {
    "GetRun": get_run,
    "GetMetricHistory": get_metric_history,
    HISTORY_BULK: get_metric_history_bulk,
    "GetMetricHistoryBulkInterval": get_sampled_history,
    "GetExperiment": get_experiment,
    "GetExperimentByName": get_experiment_by_name,
    "SearchExperiments": search_experiments,
    "SearchRuns": search_runs,
    "SearchTracesV3": search_traces,
}
"""What reads the query, or the body, of each hot route that reads."""

REPEATED = {
    HISTORY_BULK: "run_id",
    "GetMetricHistoryBulkInterval": "run_ids",
    "SearchExperiments": "order_by",
}
"""What a query may say more than once."""

LASTING = frozenset({"SearchRuns", "SearchExperiments", "SearchTracesV3", HISTORY_BULK, "GetMetricHistoryBulkInterval"})
"""What a database may work on for long, whatever it is asked."""

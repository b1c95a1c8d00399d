"""What MLflow keeps of what clients log: which it refuses, and which it cuts."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.refusing import passes, result

RUN_NAME = "mlflow.runName"
"""The tag that MLflow keeps as the name of the run too; older versions had the name only there."""


def is_metric_name(key: str) -> bool:
    """Tell whether MLflow would keep a metric of this name."""
    from mlflow.utils.validation import _validate_metric

    return passes(_validate_metric, key, 0.0, 0, 0)


def param_as_kept(key: str, value: str) -> tuple[str, str] | None:
    """Give the parameter as MLflow would keep it, long ones cut; None if it would refuse it."""
    from mlflow.utils.validation import _validate_param

    kept = result(_validate_param, key, value)
    return kept and (kept.key, kept.value)


def tag_as_kept(key: str, value: str) -> tuple[str, str] | None:
    """Give the tag as MLflow would keep it, long ones cut; None if it would refuse it."""
    from mlflow.utils.validation import _validate_tag

    kept = result(_validate_tag, key, value)
    return kept and (kept.key, kept.value)


def are_within_limits(metrics: int, params: int, tags: int) -> bool:
    """Tell whether MLflow would take so many of each in one batch."""
    from mlflow.utils.validation import _validate_batch_log_limits

    return passes(_validate_batch_log_limits, range(metrics), range(params), range(tags))

"""What MLflow keeps of what clients log."""

from __future__ import annotations


def test_mlflow_says_what_it_would_keep() -> None:
    from flowship.mlflow_seams.tracking import logged

    assert logged.is_metric_name("loss")
    assert not logged.is_metric_name("a//b")
    assert logged.param_as_kept("p", "v" * 7000) == ("p", "v" * 6000)
    assert logged.param_as_kept("x" * 251, "v") is None
    assert logged.tag_as_kept("t", "v" * 9000) == ("t", "v" * 8000)
    assert logged.tag_as_kept("", "v") is None
    assert logged.are_within_limits(1000, 0, 0)
    assert not logged.are_within_limits(1000, 1, 0)
    assert not logged.are_within_limits(0, 101, 0)


def test_the_tag_of_a_runs_name_is_mlflows() -> None:
    from mlflow.utils.mlflow_tags import MLFLOW_RUN_NAME

    from flowship.mlflow_seams.tracking.logged import RUN_NAME

    assert MLFLOW_RUN_NAME == RUN_NAME

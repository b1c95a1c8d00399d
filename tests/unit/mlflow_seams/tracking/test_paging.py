"""The pages in which MLflow answers."""

from __future__ import annotations

from tests.unit.in_mlflow import in_mlflow


def test_a_page_token_stands_for_a_place() -> None:
    from flowship.mlflow_seams.tracking import paging

    assert paging.offset_of(paging.page_token(25)) == 25
    assert paging.offset_of("nonsense") is None


def test_histories_of_several_runs_have_mlflows_limits() -> None:
    program = (
        "import inspect; from mlflow.server import handlers; from flowship.mlflow_seams.tracking import paging\n"
        "bulk = inspect.getsource(handlers.get_metric_history_bulk_handler)\n"
        "assert f'MAX_HISTORY_RESULTS = {paging.MOST_VALUES}\\n' in bulk\n"
        "assert f'MAX_RUN_IDS_PER_REQUEST = {paging.MOST_RUNS}\\n' in bulk\n"
        "assert handlers.MAX_RUNS_GET_METRIC_HISTORY_BULK == paging.MOST_RUNS\n"
        "print(handlers.MAX_RESULTS_PER_RUN - paging.MOST_SAMPLED)"
    )

    assert in_mlflow(program) == "0"

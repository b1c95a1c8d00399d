from __future__ import annotations

import pytest

from flowship.server.this_process import takes_a_new_process


def test_variables_of_mlflow_and_of_clients_are_read_later_than_the_values() -> None:
    assert not takes_a_new_process([])
    assert not takes_a_new_process(
        ["MLFLOW_S3_ENDPOINT_URL", "AWS_DEFAULT_REGION", "aws_profile", "PGSSLMODE", "no_proxy"]
    )


@pytest.mark.parametrize("name", ["PYTHONPATH", "TZ", "LD_PRELOAD", "MALLOC_ARENA_MAX", "SSL_CERT_FILE", "_MLFLOW_X"])
def test_what_python_or_a_library_may_read_as_it_starts_takes_a_new_process(name: str) -> None:
    assert takes_a_new_process(["MLFLOW_S3_ENDPOINT_URL", name])

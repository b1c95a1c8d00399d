"""MLflow reads requests where it did, and goes on after a field that does not parse unless it is told otherwise."""

from __future__ import annotations

from tests.unit.in_mlflow import in_mlflow

READ = """
from flask import Flask, request
from flowship.mlflow_seams import requests as seam
from mlflow.exceptions import MlflowException
from mlflow.protos.service_pb2 import LogMetric
from mlflow.server import handlers
def read(method="POST", **sent):
    with Flask("x").test_request_context(method=method, json={"key": "loss", **sent}):
        try:
            return handlers._get_request_message(LogMetric()).timestamp
        except MlflowException as error:
            return error.error_code, error.message
before = read(timestamp=2**64)
seam.refuse_unparsed()
"""


def test_a_number_that_does_not_fit_is_refused_and_not_stored_as_nothing() -> None:
    printed = in_mlflow(f"{READ}print(before); print(read(timestamp=2**64)); print(read(timestamp='1'), read(new=1))")
    before, refused, accepted = printed.splitlines()[-3:]

    assert before == "0"
    assert refused.startswith("('INVALID_PARAMETER_VALUE', 'The request is not understood: Failed to parse timestamp")
    assert "18446744073709551616" in refused
    assert accepted == "1 0"

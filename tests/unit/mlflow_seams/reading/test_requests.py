"""MLflow reads requests where it did, and goes on after a field that does not parse unless it is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.reading.requests import TOO_DEEP
from tests.unit.in_mlflow import in_mlflow

if TYPE_CHECKING:
    from pathlib import Path

READ = """
from flask import Flask, request
from flowship.mlflow_seams.reading import requests as seam
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


def test_a_number_beyond_all_floats_is_refused() -> None:
    """Python's OverflowError would be a page of 500."""
    printed = in_mlflow(f"{READ}print(read(value=10**400))")

    assert printed == "('INVALID_PARAMETER_VALUE', 'The request is not understood: int too large to convert to float')"


DEEP = """
import os
os.environ.update(dict.fromkeys(["_MLFLOW_SERVER_FILE_STORE", "_MLFLOW_SERVER_REGISTRY_STORE"], "sqlite:///%s/x.db"))
from flowship.mlflow_seams.reading import requests as seam
from mlflow.server import app
client = app.test_client()
json = "[" * 100_000 + "]" * 100_000
queries = "{" + "a{" * 100_000 + "a" + "}" * 100_001, "{a"
def asked():
    for path, body in (
        ("api/2.0/mlflow/runs/search", {"data": json, "content_type": "application/json"}),
        ("api/2.0/mlflow/runs/log-metric", {"json": json}),
        *(("graphql", {"json": {"query": each, "operationName": "x", "variables": {}}}) for each in queries),
    ):
        answer = client.post("/" + path, **body)
        print(answer.status_code, answer.mimetype, answer.text if answer.is_json else "")
"""


def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    again = "app._got_first_request = False; seam.refuse_unreadable(); asked()"
    printed = in_mlflow(f"{DEEP % tmp_path}asked(); {again}").splitlines()

    assert printed[-8:-4] == ["500 text/html "] * 4  # a page of Flask's
    assert printed[-4:-2] == [f"400 application/json {TOO_DEEP}"] * 2
    for line, words in zip(printed[-2:], ["nested too deeply", "Expected Name, found <EOF>"], strict=True):
        assert line.startswith('400 application/json {"error_code": "INVALID_PARAMETER_VALUE", "message": ')
        assert words in line

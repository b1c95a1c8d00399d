"""Requests of the terminal go as those of MLflow's own client, with its login."""

from __future__ import annotations

import inspect

import pytest

from flowship.mlflow_seams.auth import api


def test_mlflow_sends_requests_in_this_way() -> None:
    from mlflow.utils.rest_utils import http_request

    names = list(inspect.signature(http_request).parameters)

    assert names[:3] == ["host_creds", "endpoint", "method"]
    assert {"max_retries", "timeout", "raise_on_status"} < set(names)


def test_the_login_is_that_of_mlflows_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "a long password")
    assert api.login("http://localhost") == ("ada", "a long password")

    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t")
    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME")
    monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD")
    assert api.login("http://localhost") == ("", "")

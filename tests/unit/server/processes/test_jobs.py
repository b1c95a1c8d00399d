from __future__ import annotations

from pathlib import Path

import pytest

from flowship.mlflow_seams.server.app import Env
from flowship.server.plan.settings import ProcessSettings
from flowship.server.processes import jobs

ENVIRON = {Env.TRACKING: "postgresql+psycopg2://u:p@db/mlflow", Env.ARTIFACT_ROOT: "s3://bucket"}


@pytest.mark.parametrize(
    ("host", "more", "address"),
    [
        ("127.0.0.1", {}, "http://127.0.0.1:5000"),
        ("0.0.0.0", {"static_prefix": "/mlflow"}, "http://127.0.0.1:5000/mlflow"),
        ("::", {}, "http://[::1]:5000"),
        ("2001:db8::1", {"certificate": Path("/tls.crt")}, "https://[2001:db8::1]:5000"),
    ],
)
def test_jobs_reach_the_server_where_it_listens(host: str, more: dict[str, object], address: str) -> None:
    settings = ProcessSettings.model_validate({"host": host, "port": 5000, **more})

    found = jobs.environment(settings, ENVIRON, 7)

    assert found["MLFLOW_TRACKING_URI"] == found["MLFLOW_GATEWAY_URI"] == address
    assert found["MLFLOW_BACKEND_STORE_URI"] == ENVIRON[Env.TRACKING]
    assert found["MLFLOW_DEFAULT_ARTIFACT_ROOT"] == "s3://bucket"
    assert found[Env.SERVER_PID] == "7"


def test_a_gateway_that_the_values_name_is_kept() -> None:
    settings = ProcessSettings(host="127.0.0.1", port=5000)

    found = jobs.environment(settings, {**ENVIRON, "MLFLOW_GATEWAY_URI": "https://gateway"}, 7)

    assert found["MLFLOW_GATEWAY_URI"] == "https://gateway"

"""Nobody gets past MLflow's permissions by the bypass: every route answers as it does without."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowship.mlflow_seams.server.app import Env
from tests.integration.forked import run_module

if TYPE_CHECKING:
    from pathlib import Path


def test_every_route_answers_everybody_as_without_the_bypass(tmp_path: Path) -> None:
    (tmp_path / "auth.ini").write_text(
        f"[mlflow]\ndefault_permission = NO_PERMISSIONS\ndatabase_uri = sqlite:///{tmp_path}/auth.db\n"
        "admin_username = admin\nadmin_password = a good password\n"
    )
    environment = {
        Env.TRACKING: f"sqlite:///{tmp_path}/tracking.db",
        Env.ARTIFACT_ROOT: "mlflow-artifacts:/",
        Env.ARTIFACTS_DESTINATION: str(tmp_path / "artifacts"),
        Env.SERVE_ARTIFACTS: "true",
        Env.SERVER_KIND: "uvicorn",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "x",
        "MLFLOW_AUTH_CONFIG_PATH": str(tmp_path / "auth.ini"),
    }
    done = run_module("tests.integration.server.every_route", environ={**os.environ, **environment})

    assert done.returncode == 0, done.stderr
    *differing, statuses = done.stdout.splitlines()
    assert differing == []
    counted = {status: int(number) for status, _, number in (pair.partition(":") for pair in statuses.split())}
    assert counted["401"] > 400, "what nobody may"
    assert counted["403"] > 100, "what a user without a grant may not"
    assert counted["418"] > 400, "what reached a handler of Flask's"

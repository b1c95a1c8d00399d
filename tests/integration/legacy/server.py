"""The MLflow server of version 2.22.0, as chart 0.16.5 starts it with basic authentication."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import requests

from tests.integration.legacy.environment import old_programs
from tests.integration.servers.process import REPOSITORY, Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import URL

ADMIN = "admin"
DEFAULT_PERMISSION = "READ"

# `mlflow server` starts gunicorn, which would outlive it: the death signal (1 is PR_SET_PDEATHSIG) is not inherited.
GUNICORN_CONFIGURATION = """\
import ctypes, signal

def on_starting(server):
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
"""


class OldMlflowServer(Server):
    """MLflow 2.22.0 with artifacts served from a directory, and with users."""

    name = "mlflow-2.22.0"

    def __init__(self, database: URL, auth_database: URL, artifacts: Path, admin_password: str) -> None:
        super().__init__()
        self.admin_password = admin_password
        self._programs = old_programs()
        self._database = database
        self._auth_database = auth_database
        self._artifacts = artifacts

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def prepare(self) -> None:
        (self.directory / "gunicorn.conf.py").write_text(GUNICORN_CONFIGURATION)
        settings = {
            "default_permission": DEFAULT_PERMISSION,
            "database_uri": self._auth_database.render_as_string(hide_password=False),
            "admin_username": ADMIN,
            "admin_password": self.admin_password,
            "authorization_function": "tests.integration.legacy.authentication:authenticate",
        }
        lines = [f"{name} = {value.replace('%', '%%')}" for name, value in settings.items()]
        (self.directory / "basic_auth.ini").write_text("\n".join(["[mlflow]", *lines, ""]))

    def command(self) -> list[str]:
        return [
            *(str(self._programs / "mlflow"), "server", "--app-name", "basic-auth", "--workers", "1"),
            *("--host", self.host, "--port", str(self.port), "--artifacts-destination", str(self._artifacts)),
            *("--gunicorn-opts", f"--config {self.directory / 'gunicorn.conf.py'}"),
        ]

    def environment(self) -> Mapping[str, str]:
        return {
            "PYTHONPATH": str(REPOSITORY),
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "MLFLOW_BACKEND_STORE_URI": self._database.render_as_string(hide_password=False),
            "MLFLOW_AUTH_CONFIG_PATH": str(self.directory / "basic_auth.ini"),
            "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(16),
        }

    def ask(self) -> None:
        requests.get(f"{self.url}/health", timeout=5).raise_for_status()

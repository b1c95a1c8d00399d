"""Each route of MLflow has been looked at: a new one is missing in the table beside this file, which fails the test.

The table says who decides whether a user who is no admin may. `OPEN` needs no login, `filtered` answers with what the
user may see, `nobody` is for admins; between versions of MLflow that differ stands `|`. To write a line anew, look at
what the route does, and close in `auth.rights` or `server.http` what a plain user should not reach.
"""

from __future__ import annotations

from pathlib import Path

from tests.unit.in_mlflow import in_mlflow
from tests.unit.mlflow_seams.server import test_app

TABLE = Path(__file__).with_name("routes.txt")


def known() -> set[str]:
    """Every line of the table, with each of its alternatives."""
    rows = [line.split(" ", 2) for line in TABLE.read_text().splitlines()]
    return {f"{method} {path} {each}" for method, path, deciding in rows for each in deciding.split(" | ")}


def test_every_route_of_mlflow_has_been_looked_at(tmp_path: Path) -> None:
    printed = in_mlflow(
        test_app.TestTheServersApp().basic_auth(tmp_path).replace("/team", "")
        + "from flowship.auth.in_mlflow import rights;"
        "from mlflow.server import app as flask; from tests.unit.mlflow_routes import decisions;"
        "rights.restrict(); print(*decisions(app, flask), sep='\\n')"
    )
    found = set(printed.splitlines())

    assert len(found) > 500
    assert found - known() == set(), "routes of MLflow that nobody has looked at"


def test_mlflow_refuses_what_it_has_no_question_for() -> None:
    printed = in_mlflow(
        "from mlflow.environment_variables import MLFLOW_BASIC_AUTH_FAIL_CLOSED as closed;"
        "print(closed.name, closed.get())"
    )

    assert printed == "MLFLOW_BASIC_AUTH_FAIL_CLOSED True"

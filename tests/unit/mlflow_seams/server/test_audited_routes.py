"""Which of MLflow's own routes go into the audit log: a route that MLflow adds must be decided about."""

from __future__ import annotations

import json

from flowship.server.http.observing.audited import audited
from tests.unit.in_mlflow import in_mlflow

GONE = ("Delete", "Remove", "Restore")
READ = ("Get", "Search", "List", "Batch", "Query", "Log")


def test_all_that_deletes_in_mlflow_is_written_down_and_nothing_that_reads_or_logs() -> None:
    printed = in_mlflow(
        "import json; from mlflow.server import handlers;"
        "name = lambda message: getattr(message, '__name__', '');"
        "print(json.dumps([(said, methods, path) for path, said, methods in handlers.get_endpoints(name)"
        " if isinstance(said, str) and path.startswith('/api/')]))"
    )
    said = [(name, audited(method, path)) for name, methods, path in json.loads(printed) for method in methods]
    gone = [(name, what) for name, what in said if name.startswith(GONE)]
    read = [(name, what) for name, what in said if name.startswith(READ)]

    assert len(gone) > 30
    assert len(read) > 40
    assert not [name for name, what in gone if not what]
    assert not [name for name, what in read if what]


def test_every_change_of_users_roles_and_permissions_in_mlflow_is_written_down() -> None:
    printed = in_mlflow(
        "import json; from mlflow.server.auth import routes;"
        "print(json.dumps([path for name, path in vars(routes).items() if name.isupper() and isinstance(path, str)]))"
    )
    changes = [path for path in json.loads(printed) if not path.rpartition("/")[2].startswith(("get", "list"))]
    of_rights = [path for path in changes if any(f"/{part}/" in path for part in ("users", "roles"))]

    assert len(of_rights) > 12
    assert not [path for path in of_rights if not audited("POST", path)]

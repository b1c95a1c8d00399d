"""The engines of MLflow's stores are where they were."""

from __future__ import annotations

from pathlib import Path

from tests.unit.in_mlflow import in_mlflow, with_tables


def test_all_stores_of_a_database_have_one_engine(tmp_path: Path) -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.database import engines;"
        "stores = [engines._load(name) for name in engines.STORES];"
        "print(len({id(store._engine_map) for store in stores}), all(store._engine_map_lock for store in stores));"
        "engines.share_engines();"
        f"url = 'sqlite+pysqlite:///{tmp_path}/mlflow.db';"
        "print(len({id(store._get_or_create_engine(url)) for store in stores}))"
    )
    assert printed.splitlines()[-2:] == ["3 True", "1"]


def test_connections_of_stores_are_closed_before_a_fork_and_made_in_it(tmp_path: Path) -> None:
    printed = in_mlflow(
        "import os; os.environ['_MLFLOW_SERVER_SERVE_ARTIFACTS'] = 'true';"
        "from flowship.mlflow_seams.server import app; from flowship.mlflow_seams.database import engines;"
        " from flowship.mlflow_seams.server.app import Env;"
        f"url = 'sqlite+pysqlite:///{with_tables(tmp_path)}/mlflow.db';"
        "os.environ.update({Env.TRACKING: url, Env.ARTIFACT_ROOT: 's3://b'});"
        "engines.share_engines(); app.open_stores(); (engine,) = engines._engines(); kept = [engine.pool.checkedin()];"
        "engines.disconnect(); kept.append(engine.pool.checkedin());"
        "engines.connect(); kept.append(engine.pool.checkedin()); print(*kept)"
    )
    assert printed.splitlines()[-1] == "1 0 1"


def test_a_request_holds_no_more_connections_than_places_are_kept_for(tmp_path: Path) -> None:
    """When MLflow opens more sessions inside each other, `turns` must know."""
    printed = in_mlflow(
        "import threading; from sqlalchemy import event; from mlflow.entities import Metric, Param, RunTag;"
        "from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore;"
        f"store = SqlAlchemyStore('sqlite+pysqlite:///{with_tables(tmp_path)}/mlflow.db', '{tmp_path}');"
        "run = store.create_run('0', 'me', 0, [], 'run').info.run_id; held = [0, 0]\n"
        "def out(*_):\n    held[0] += 1; held[1] = max(held)\n"
        "def back(*_):\n    held[0] -= 1\n"
        "event.listen(store.engine, 'checkout', out); event.listen(store.engine, 'checkin', back)\n"
        "store.log_batch(run, [Metric('m', 1.0, 1, 1)], [Param('p', '1')], [RunTag('t', '1')])\n"
        "from flowship.database.served.turns import NESTING; print(1 < held[1] <= NESTING)"
    )
    assert printed.splitlines()[-1] == "True"

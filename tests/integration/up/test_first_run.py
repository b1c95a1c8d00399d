from __future__ import annotations

import stat
from pathlib import Path

from tests.integration import client
from tests.integration.flowship import UP, command_line
from tests.integration.flowship import running_program as running


def test_without_any_values_everything_logged_is_there_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"

    with running(None, data=data, tables=False) as first:
        client.as_user("log", first.address)
        served_by = command_line(first.main_pid)
        status, written = first.stop(), [path.name for path in first.directory.iterdir()]
        left = first.pids()
    with running(None, data=data) as second:
        read = client.as_user("read", second.address)

    assert read == client.LOGGED
    assert UP.match(served_by)  # the process that made the tables, so that MLflow is imported once
    assert status == 0
    assert left == []
    assert written == ["flowship.log"]


def test_a_data_directory_with_any_name_is_used_and_is_its_owners_only(tmp_path: Path) -> None:
    data = tmp_path / "my data %41 #1 é"

    with running({}, data=data, tables=False) as server:
        assert client.as_user("log_and_read", server.address) == client.LOGGED

    open_to_others = [
        path
        for path in (data, *data.iterdir())
        if path.name not in {"artifacts"} and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []
    assert {"mlflow.db", "artifacts"} <= {path.name for path in data.iterdir()}


def test_it_says_where_it_is_where_data_is_kept_and_who_the_admin_is(tmp_path: Path) -> None:
    with running({}, data=tmp_path / "data") as server:
        log = server.log()

    assert f"MLflow         {server.address}" in log
    assert f"Data           {tmp_path}/data" in log
    assert "Admin          none, everybody who reaches the address may do everything" in log
    assert "Stopped; the data is kept" in server.log()

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.calm import calm
from tests.integration import client
from tests.integration.flowship import PROGRAM, DidNotStart, Running, clean, quick, run, running, write_values
from tests.integration.server.asking import eventually
from tests.integration.servers.database import Database
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import children, free_port

LIMIT = 120.0
CREATE = "/api/2.0/mlflow/experiments/create"


def backend(database: Database, **changes: Any) -> dict[str, Any]:
    return {"backendStore": {"postgres": database.section(**changes)}}


def creates(address: str, name: str) -> int:
    """The status of the answer to making an experiment; 0 when there is none."""
    try:
        return requests.post(f"{address}{CREATE}", json={"name": name}, timeout=30).status_code
    except requests.RequestException:
        return 0


def eventually_creates(address: str, name: str) -> None:
    attempts = itertools.count()
    eventually(lambda: creates(address, f"{name} {next(attempts)}") == 200)


def test_a_database_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    with PostgresServer() as server:
        file = write_values(tmp_path / "values.yaml", quick(backend(server.fresh_database())))
        server.stop()
        port = free_port()
        command = [str(PROGRAM), "up", "--data", str(tmp_path / "data"), "--port", str(port), "-f", str(file)]
        with subprocess.Popen(
            command, env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as flowship:
            try:
                assert flowship.stdout is not None
                assert any("nothing listens on" in line for line in flowship.stdout)
                server.start()
                assert any("Ctrl-C stops it." in line for line in flowship.stdout)
                assert creates(f"http://127.0.0.1:{port}", "after the wait") == 200
            finally:
                flowship.send_signal(signal.SIGINT)
                flowship.communicate(timeout=LIMIT)

        assert flowship.returncode == 0


def test_a_database_that_is_killed_under_load_and_comes_back_is_used_again(tmp_path: Path) -> None:
    with PostgresServer() as server, running(backend(server.fresh_database()), data=tmp_path / "data") as flowship:
        answers: list[int] = []
        stop = threading.Event()

        def load() -> None:
            while not stop.is_set():
                answers.append(creates(flowship.address, f"experiment {len(answers)} {threading.get_ident()}"))

        clients = [threading.Thread(target=load) for _ in range(3)]
        for thread in clients:
            thread.start()
        eventually(lambda: answers.count(200) > 2)
        server.kill()
        answered = len(answers)
        eventually(lambda: any(status != 200 for status in answers[answered:]))
        server.start()
        eventually_creates(flowship.address, "recovered")
        stop.set()
        for thread in clients:
            thread.join()

        assert flowship.process.poll() is None
        assert requests.get(f"{flowship.address}/health", timeout=10).text == "OK"


def test_a_wrong_password_ends_the_start_at_once_and_is_not_shown(postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    wrong = "wrong-and-secret"
    began = calm()

    with pytest.raises(DidNotStart) as refused, running(backend(database, password=wrong), data=tmp_path / "data"):
        pass

    assert refused.value.status == 1
    assert "backendStore.postgres" in refused.value.log
    assert "password" in refused.value.log
    assert wrong not in refused.value.log
    assert "Traceback" not in refused.value.log
    assert calm() - began < LIMIT


def test_an_unreachable_database_never_becomes_sqlite(tmp_path: Path) -> None:
    nowhere = Database("127.0.0.1", free_port(), "d", "u", "p")

    with (
        pytest.raises(DidNotStart) as refused,
        running(backend(nowhere), data=tmp_path / "data", arguments=("--timeout", "2")),
    ):
        pass

    assert refused.value.status == 1
    assert "did not answer within" in refused.value.log
    assert not list((tmp_path / "data").glob("*.db"))


def test_ctrl_c_ends_the_wait_for_a_database(tmp_path: Path) -> None:
    file = write_values(tmp_path / "values.yaml", backend(Database("127.0.0.1", free_port(), "d", "u", "p")))
    command = [str(PROGRAM), "up", "--data", str(tmp_path / "data"), "--port", str(free_port()), "-f", str(file)]
    with subprocess.Popen(command, env=clean({}), stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        assert any("nothing listens on" in line for line in waiting.stderr)
        (server,) = children(waiting.pid)
        waiting.send_signal(signal.SIGINT)
        said = waiting.stderr.read()

        assert waiting.wait(LIMIT) == 0
        assert said == "• Stopping\n• Stopped; the data is kept\n"
        assert not Path(f"/proc/{server}").exists()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that is there already; the last test with it kills it."""
    with running({}, data=tmp_path_factory.mktemp("first") / "data") as flowship:
        yield flowship


def test_a_second_one_on_the_same_data_is_refused(first: Running) -> None:
    second = run("up", "--data", str(first.data), "--port", str(free_port()))

    assert second.returncode == 1
    assert second.stderr == (
        f"✗ The data directory {first.data} is in use by another flowship up. Stop that one, or choose another "
        "directory with --data.\n"
    )
    assert creates(first.address, "still served") == 200


def test_a_port_that_is_taken_is_refused_before_anything_is_made(first: Running, tmp_path: Path) -> None:
    port = first.address.rsplit(":", 1)[1]
    second = run("up", "--data", str(tmp_path / "second"), "--port", port)

    assert second.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port} (Address already in use)." in second.stderr
    assert not (tmp_path / "second").exists()


def test_a_server_that_is_killed_ends_flowship_with_a_sentence(first: Running) -> None:
    os.kill(first.main_pid, signal.SIGKILL)

    assert first.process.wait(LIMIT) == 1
    assert "The server ended by itself" in first.log()
    assert first.pids() == []


@contextmanager
def small_volume(directory: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(directory)], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def test_a_full_volume_loses_nothing_that_was_accepted_and_is_used_again_with_room(tmp_path: Path) -> None:
    with small_volume(tmp_path / "volume", 16) as volume:
        with running({}, data=volume / "data") as flowship:
            client.as_user("log", flowship.address)
            filler = volume / "filler"
            free = shutil.disk_usage(volume).free
            filler.write_bytes(b"x" * free)
            accepted = [name for name in map(str, range(200)) if creates(flowship.address, name) == 200]
            full = creates(flowship.address, "does not fit")
            filler.unlink()

            assert full not in (0, 200)
            eventually_creates(flowship.address, "with room again")
            assert client.as_user("read", flowship.address) == client.LOGGED
        with closing(sqlite3.connect(volume / "data" / "mlflow.db")) as database:
            names = {name for (name,) in database.execute("SELECT name FROM experiments")}
            sound = database.execute("PRAGMA integrity_check").fetchone()

    assert set(accepted) <= names
    assert sound == ("ok",)

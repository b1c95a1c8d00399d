"""The server starts, stops and renews its workers without losing a request of clients that never ask twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from benchmarks.processes import memory
from tests.calm import calm
from tests.effects import shows
from tests.integration.flowship import Running, command_line
from tests.integration.flowship import running_program as running
from tests.integration.flowship import serving_program as serving
from tests.integration.server.asking import ARTIFACTS, LIMIT, SEARCH, ask, connect, eventually, workers
from tests.integration.server.balancer import Balancer
from tests.integration.server.load import BUSY, IDLE, KINDS, NEW, Load
from tests.integration.server.upload import Upload
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import children, family, free_port
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAIN = 2
LONG_DRAIN = 8
"""Time enough to ask several times meanwhile, on a busy machine too."""
FORCED_AFTER = 12
"""Seconds after its time in which a process that cannot end must be gone."""


def values(workers: int = 2, **server: Any) -> dict[str, Any]:
    return {
        "extraArgs": {"workers": workers},
        "artifactRoot": {"proxiedArtifactStorage": True},
        "server": {"drainDelaySeconds": DRAIN, **server},
    }


def refused(address: str) -> bool:
    """Whether nothing listens there any more."""
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port or 0), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that goes on through several tests, whatever becomes of its workers."""
    with running(values(), data=tmp_path_factory.mktemp("kept") / "data") as server:
        yield server


def test_workers_share_what_is_made_before_they_are_forked(kept: Running) -> None:
    """35 MiB of 220 are a worker's own; before routes and stores were made once it was 45."""
    for worker in workers(kept, 2):
        own = memory(Path(f"/proc/{worker}/smaps_rollup").read_text(), "Private_Dirty")
        assert own < 36 << 20, own


def test_a_worker_that_is_killed_is_replaced_within_a_second(kept: Running) -> None:
    took = [_seconds_until_replaced(kept) for _ in range(3)]

    assert min(took) < 1.0, took


def _seconds_until_replaced(server: Running) -> float:
    before = workers(server, 2)
    victim = before.pop()
    began = calm()
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in children(server.main_pid))
    after = workers(server, 2)
    took = calm() - began
    assert before < after
    assert victim not in after
    return took


def test_a_worker_that_is_asked_to_end_loses_no_request(kept: Running) -> None:
    first = workers(kept, 2)
    with Load(kept.address) as load:
        for pid in first:
            eventually(lambda: load.answered[IDLE] and load.answered[NEW] and load.answered[BUSY])
            load.answered.clear()
            os.kill(pid, signal.SIGTERM)
            eventually(lambda pid=pid: not Path(f"/proc/{pid}").exists())  # type: ignore[misc]
            eventually(lambda: load.answered[IDLE] > 2 and load.answered[NEW] and load.answered[BUSY])

    assert load.lost == []
    assert not first & workers(kept, 2)


def test_a_worker_that_ends_is_replaced_before_its_last_request_has_ended(tmp_path: Path) -> None:
    with running(values(workers=1), data=tmp_path / "data") as server:
        (pid,) = workers(server, 1)
        successor = set[int]()

        def another_answers() -> bool:
            successor.update(workers(server, 1) - {pid})
            return bool(successor)

        with Upload(server.address, "slow.bin", 5) as upload:
            os.kill(pid, signal.SIGTERM)
            eventually(another_answers)
            status = upload.finish(0.1)

        assert status in {200, 204}
        eventually(lambda: not Path(f"/proc/{pid}").exists())
        assert workers(server, 1) == successor


@shows("server.maxRequestsPerWorker")
def test_workers_are_renewed_after_their_requests_without_losing_one(tmp_path: Path) -> None:
    with running(values(maxRequestsPerWorker=100), data=tmp_path / "data", inner_port=free_port()) as server:
        first = workers(server, 2)
        with Load(server.address) as load:
            eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in first))
            before = load.count
            eventually(lambda: load.count > before + 100)

        assert load.lost == []
        assert "Perhaps out of memory" not in server.log()


def test_sigterm_drains_then_refuses_and_finishes_what_runs(tmp_path: Path) -> None:
    with (
        running(values(drainDelaySeconds=LONG_DRAIN), data=tmp_path / "data", inner_port=free_port()) as server,
        closing(connect(server.address)) as kept,
        Upload(server.address, "slow.bin", 12) as upload,
    ):
        assert ask(kept, SEARCH).status == 200
        server.process.send_signal(signal.SIGTERM)
        asked, calmly = time.monotonic(), calm()
        for port in (server.address, server.inner):
            eventually(lambda port=port: ask(port, "/ready").status == 503)  # type: ignore[misc]
        not_ready_after = calm() - calmly
        said = ask(server.inner, "/ready").text
        answers = [ask(server.address, SEARCH), ask(kept, SEARCH), ask(server.address, "/health")]
        still_listening = not refused(server.address)
        eventually(lambda: refused(server.address))
        closed_after, closed_calmly_after = time.monotonic() - asked, calm() - calmly
        status = upload.finish(0.4)
        ended = server.process.wait(LIMIT)
        took = calm() - calmly

        assert not_ready_after < 0.5
        assert '"stopping": "the server was asked to stop"' in said
        assert [(answer.status, answer.closes) for answer in answers[:2]] == [(200, True), (200, True)]
        assert answers[2].status == 200
        assert still_listening
        assert closed_after > LONG_DRAIN - 0.5
        assert closed_calmly_after < LONG_DRAIN + 1.5
        assert status in {200, 204}
        assert ended == 0
        assert took < LONG_DRAIN + 28
        assert server.pids() == []
        assert (server.data / "artifacts" / "slow.bin").read_bytes() == b"x" * 12


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with (
        running(values(drainDelaySeconds=60), data=tmp_path / "data") as server,
        Upload(server.address, "never.bin", 5),
    ):
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: ask(server.address, "/ready").status == 503)
        server.process.send_signal(signal.SIGTERM)

        asked = calm()
        eventually(lambda: server.process.poll() is not None)
        assert calm() - asked < 6
        assert server.pids() == []


def test_ctrl_c_skips_the_delay(tmp_path: Path) -> None:
    with running(values(drainDelaySeconds=60), data=tmp_path / "data") as server:
        ask(server.address, SEARCH)
        began = calm()
        status = server.stop()

        assert calm() - began < 20
        assert status == 0


def test_the_end_of_its_terminal_stops_it(tmp_path: Path) -> None:
    with running(values(drainDelaySeconds=60), data=tmp_path / "data") as server:
        server.process.send_signal(signal.SIGHUP)
        server.process.send_signal(signal.SIGHUP)

        assert server.process.wait(LIMIT) == 0
        assert server.pids() == []


def test_a_request_that_never_ends_holds_it_up_only_for_the_time_of_the_values(tmp_path: Path) -> None:
    limits = values(drainDelaySeconds=0, shutdownTimeoutSeconds=1)
    with running(limits, data=tmp_path / "data") as server, Upload(server.address, "never.bin", 5):
        began, calmly = time.monotonic(), calm()
        server.stop(signum=signal.SIGTERM)

        assert time.monotonic() - began >= 1
        assert calm() - calmly < 1 + FORCED_AFTER
        assert server.pids() == []


def test_a_database_that_hangs_holds_it_up_only_for_the_time_of_the_values(tmp_path: Path) -> None:
    with PostgresServer() as database:
        limits = {
            **values(drainDelaySeconds=0, shutdownTimeoutSeconds=1),
            "backendStore": {"postgres": database_with_tables(database).section()},
        }
        with running(limits, data=tmp_path / "data") as server, closing(connect(server.address)) as hanging:
            assert ask(hanging, SEARCH).status == 200
            database.freeze()
            hanging.request("GET", SEARCH)
            began = calm()
            server.stop(signum=signal.SIGTERM)
            took = calm() - began
            database.thaw()

            assert took < 1 + FORCED_AFTER
            assert server.pids() == []


def test_a_main_process_that_is_killed_takes_everything_with_it(tmp_path: Path) -> None:
    with_jobs = {**values(), "extraEnvVars": {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true"}}
    with serving(with_jobs, data=tmp_path / "data") as server:
        family_before = family(server.main_pid)
        os.kill(server.main_pid, signal.SIGKILL)

        assert len(family_before) >= 5  # itself, two workers, the inner port, the jobs
        killed = calm()
        eventually(lambda: not server.pids())
        assert calm() - killed < 10
        assert refused(server.address)
        assert refused(server.inner)


def test_of_two_instances_behind_a_balancer_one_may_stop_under_load(postgres: PostgresServer, tmp_path: Path) -> None:
    shared = {**values(), "backendStore": {"postgres": database_with_tables(postgres).section()}}
    with (
        serving(shared, data=tmp_path / "one") as one,
        serving(shared, data=tmp_path / "two") as two,
        Balancer([(one.address, one.inner), (two.address, two.inner)]) as balancer,
        Load(balancer.address, clients=[*KINDS, *KINDS]) as load,
    ):
        eventually(lambda: load.answered[IDLE] > 3 and load.count > 100)
        one.process.send_signal(signal.SIGTERM)
        ended = one.process.wait(LIMIT)
        before = load.count
        eventually(lambda: load.count > before + 100)

    assert load.lost == []
    assert ended == 0
    assert set(balancer.chosen) == {one.address, two.address}


def test_the_memory_of_workers_stays_bounded_under_load(kept: Running) -> None:
    experiment = _created(kept, "experiments", "experiment_id", {"name": "e"})
    run = _created(kept, "runs", "info", {"experiment_id": experiment})["run_id"]
    pids = workers(kept, 2)
    _mixed_requests(kept, experiment, run, 200)
    before = {pid: _memory(pid) for pid in pids}
    _mixed_requests(kept, experiment, run, 400)
    after = {pid: _memory(pid) for pid in pids}

    assert {pid: after[pid] for pid in pids if after[pid] > 1.15 * before[pid]} == {}


def _created(server: Running, what: str, key: str, body: dict[str, Any]) -> Any:
    answer = json.loads(ask(server.address, f"/api/2.0/mlflow/{what}/create", method="POST", body=body).text)
    return answer[key] if key in answer else answer["run"][key]


def _mixed_requests(server: Running, experiment: str, run: str, rounds: int) -> None:
    """Five requests a round, on several connections, so that all workers get some."""
    api = "/api/2.0/mlflow"
    metrics = [{"key": f"m{index}", "value": index, "timestamp": 1, "step": 1} for index in range(20)]
    for number in range(rounds):
        point = {"run_id": run, "key": "loss", "value": number, "timestamp": number, "step": number}
        with closing(connect(server.address)) as connection:
            asked = [
                ask(connection, f"{api}/runs/log-metric", method="POST", body=point),
                ask(connection, f"{api}/runs/log-batch", method="POST", body={"run_id": run, "metrics": metrics}),
                ask(connection, f"{api}/runs/search", method="POST", body={"experiment_ids": [experiment]}),
                ask(connection, f"{api}/runs/get?run_id={run}"),
                ask(connection, f"{ARTIFACTS}/m/{number % 50}.bin", method="PUT", body=b"x" * 50_000),
            ]
        assert {answer.status for answer in asked} <= {200, 204}


def _memory(pid: int) -> int:
    """Resident memory in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def test_servers_in_other_pid_namespaces_keep_their_metrics(tmp_path: Path) -> None:
    with serving(values(), data=tmp_path / "one") as one:
        ask(one.address, SEARCH)
        with serving(values(), data=tmp_path / "two", before=namespace()) as two:
            assert ask(two.inner, "/metrics").status == 200
            assert 'mlflow_http_request_total{method="GET",status="200"} 1.0' in ask(one.inner, "/metrics").text
            os.kill(two.main_pid, signal.SIGTERM)  # unshare, which started it, takes no signal
            assert two.process.wait(LIMIT) == 0


def namespace() -> list[str]:
    """The command that makes what it runs process 1 of a namespace of its own, as in a container."""
    return [
        *("unshare", "--pid", "--fork", "--mount-proc", "--kill-child"),
        *(() if os.geteuid() == 0 else ("--user", "--map-root-user")),
    ]


def test_as_process_1_it_reaps_orphans_and_obeys_sigterm(tmp_path: Path) -> None:
    with serving(values(drainDelaySeconds=0), data=tmp_path / "data", before=namespace()) as server:
        main = server.main_pid
        assert Path(f"/proc/{main}/status").read_text().split("NSpid:")[1].split("\n")[0].split()[-1] == "1"
        enter = ["nsenter", "--target", str(main), "--pid", "--mount", "--"]
        subprocess.run([*enter, "sh", "-c", "sleep 0.5 & :"], check=True)
        orphans = [pid for pid in children(main) if b"sleep" in command_line(pid)]
        eventually(lambda: not Path(f"/proc/{orphans[0]}").exists())
        os.kill(main, signal.SIGTERM)

        assert server.process.wait(LIMIT) == 0
        assert server.pids() == []

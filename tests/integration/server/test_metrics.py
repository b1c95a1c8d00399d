"""A real Prometheus scrapes the inner port, and finds sums that are right across workers, their deaths and restarts."""

from __future__ import annotations

import os
import re
import signal
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flowship import __version__
from tests.effects import shows
from tests.integration import users
from tests.integration.flowship import Running, running, serving
from tests.integration.server.asking import ARTIFACTS, SEARCH, answered_by, ask, basic, eventually, workers
from tests.integration.server.upload import Upload
from tests.integration.servers.process import free_port
from tests.integration.servers.prometheus import PrometheusServer
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.servers.postgres import PostgresServer

ADMIN = basic(*users.ADMIN)
ROUTE = "/api/2.0/mlflow/experiments/search"
SEARCHES = f'mlflow_http_request_duration_seconds_count{{route="{ROUTE}",status="200"}}'


def values(workers: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "auth": users.auth(),
        "artifactRoot": {"proxiedArtifactStorage": True},
        "extraArgs": {"workers": workers},
        **more,
    }


@contextmanager
def scraped(values: dict[str, Any], data: Path) -> Iterator[tuple[Running, PrometheusServer]]:
    with (
        running(values, data=data, inner_port=free_port()) as server,
        PrometheusServer(server.inner.removeprefix("http://")) as prometheus,
    ):
        eventually(lambda: prometheus.value("up") == 1)
        yield server, prometheus


Scraped = tuple[Running, PrometheusServer]


@pytest.fixture(scope="module")
def of_two_workers(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    on_postgres = values(backendStore={"postgres": database_with_tables(postgres).section()})
    with scraped(on_postgres, tmp_path_factory.mktemp("two") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def of_one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    with scraped(values(workers=1, server={"domainMetrics": False}), tmp_path_factory.mktemp("one") / "data") as found:
        yield found


def searched(prometheus: PrometheusServer) -> float:
    """Searches that it has heard of, of all workers together."""
    return prometheus.value(f"sum({SEARCHES}) or vector(0)")


def test_requests_are_counted_by_route_and_status_across_workers(of_two_workers: Scraped) -> None:
    server, prometheus = of_two_workers
    for _ in range(60):
        assert ask(server.address, SEARCH, headers=ADMIN).status == 200
    ask(server.address, SEARCH, headers=basic("admin", "wrong"))
    ask(server.address, f"{ARTIFACTS}/a.bin", method="PUT", body=b"x", headers=ADMIN)
    ask(server.address, "/no/such/path/made/up/by/a/client", headers=ADMIN)
    eventually(lambda: searched(prometheus) == 60)
    eventually(lambda: prometheus.value('sum(mlflow_http_request_total{status="404"})') == 1)
    routes = {labels["route"] for labels, _ in prometheus.query("mlflow_http_request_duration_seconds_count")}

    assert len(answered_by(server.log())) == 2
    assert prometheus.value('sum(mlflow_http_request_total{status="401"})') == 1
    assert (
        prometheus.value(f'sum(mlflow_http_request_duration_seconds_bucket{{route="{ROUTE}",le="+Inf",status="200"}})')
        == 60
    )
    assert f"{ARTIFACTS}/{{artifact_path:path}}" in routes
    assert prometheus.value('flowship_artifact_bytes_total{direction="received"}') == 1
    assert not any("made/up" in route for route in routes)
    assert not any("health" in route or "ready" in route for route in routes)


def test_counters_outlive_a_worker_and_gauges_do_not(of_two_workers: Scraped) -> None:
    server, prometheus = of_two_workers
    with ExitStack() as begun:
        before = searched(prometheus)
        for _ in range(40):
            ask(server.address, SEARCH, headers=ADMIN)
        eventually(lambda: searched(prometheus) == before + 40)
        uploads = [begun.enter_context(Upload(server.address, f"{n}.bin", 5, ADMIN)) for n in range(8)]
        eventually(lambda: prometheus.value("flowship_requests_in_progress") == len(uploads))
        assert 1 <= prometheus.value("flowship_busy_workers") <= 2
        assert prometheus.value("sum(flowship_database_connections)") >= 2
        for pid in workers(server, 2):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: prometheus.value("flowship_worker_starts_total") == 4)
        eventually(lambda: prometheus.value("flowship_worker_losses_total") == 2)
        eventually(lambda: prometheus.value("flowship_requests_in_progress") == 0)
        eventually(lambda: prometheus.value("flowship_busy_workers") == 0)
        workers(server, 2)
        connections = prometheus.value("sum(flowship_database_connections)")
        for _ in range(10):
            ask(server.address, SEARCH, headers=ADMIN)
        eventually(lambda: searched(prometheus) == before + 50)

        assert all(upload.is_cut_off() for upload in uploads)
        assert prometheus.value("sum(resets(mlflow_http_request_total[1h]))") == 0
        assert prometheus.value("sum(resets(mlflow_http_request_duration_seconds_count[1h]))") == 0
        assert connections <= 8
        assert prometheus.value("min_over_time(flowship_database_connections{state='in_use'}[1h])") >= 0
        assert prometheus.value("min_over_time(flowship_database_connections{state='idle'}[1h])") >= 0


@shows("server.domainMetrics")
def test_what_is_in_the_database_is_told_unless_it_is_not_wanted(
    of_two_workers: Scraped, of_one_worker: Scraped
) -> None:
    _, prometheus = of_two_workers
    eventually(lambda: prometheus.value('flowship_experiments{stage="active"}') == 1)

    assert prometheus.value('flowship_database_size_bytes{part="tracking"}') > 2**20
    assert prometheus.value("sum(flowship_migration_pending)") == 0
    assert prometheus.value("time() - flowship_domain_metrics_timestamp_seconds") < 600
    assert of_one_worker[1].query('{__name__=~"flowship_(experiments|runs|rows|domain.+)"}') == []


def test_the_server_tells_of_itself(of_one_worker: Scraped) -> None:
    server, prometheus = of_one_worker
    ready = {labels["check"]: value for labels, value in prometheus.query("flowship_ready")}

    assert ready == {"stopping": 1, "workers": 1, "connections": 1, "database": 1, "auth database": 1}
    assert prometheus.value('flowship_workers{state="serving"}') == 1
    eventually(lambda: prometheus.value("flowship_memory_bytes") > 0)
    assert 50 * 2**20 < prometheus.value("flowship_memory_bytes") < 2**31
    assert prometheus.query("flowship_disk_free_bytes")[0][0]["directory"] == str(server.data)
    assert prometheus.value("time() - flowship_start_timestamp_seconds") > 0


def test_authentications_are_counted_by_what_they_led_to(of_one_worker: Scraped) -> None:
    server, prometheus = of_one_worker
    for _ in range(5):
        ask(server.address, SEARCH, headers=ADMIN)
    for _ in range(2):
        ask(server.address, SEARCH, headers=basic("admin", "wrong"))
    ask(server.address, SEARCH)
    eventually(lambda: prometheus.value('flowship_authentications_total{result="wrong"}') == 2)
    found = {labels["result"]: count for labels, count in prometheus.query("flowship_authentications_total > 0")}

    assert found == {"verified": 1, "cached": 4, "wrong": 2}


def test_versions_are_told(of_one_worker: Scraped) -> None:
    server, prometheus = of_one_worker
    ((labels, one),) = prometheus.query("flowship_build_info")
    (target,) = prometheus.targets()

    assert one == 1
    assert (labels["version"], labels["mlflow"]) == (__version__, version("mlflow"))
    assert (target["health"], target["lastError"]) == ("up", "")
    assert users.ADMIN[1] not in ask(server.inner, "/metrics").text


def test_a_new_start_counts_from_zero_and_leaves_no_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(values_without_auth(), data=data) as server:
        ask(server.address, SEARCH)
        main = server.main_pid
        eventually(lambda: counted(server) == 1)
        directory = run_directory(main)
        os.kill(main, signal.SIGKILL)
        eventually(lambda: not server.pids())
        assert directory.exists()
    with serving(values_without_auth(), data=data) as server:
        counted_anew = counted(server)
        gone = not directory.exists()
        directory = run_directory(server.main_pid)
        server.stop()

        assert (counted_anew, gone) == (0, True)
        assert not directory.exists()


def run_directory(pid: int) -> Path:
    """The directory whose files of metrics this process has mapped."""
    mapped = Path(f"/proc/{pid}/maps").read_text()
    return Path(re.findall(r"(/\S+/flowship-server-\w+)/metrics/", mapped)[0])


def values_without_auth() -> dict[str, Any]:
    return {"extraArgs": {"workers": 1}}


def counted(server: Running) -> int:
    """Searches that `/metrics` tells of."""
    return sum(
        int(float(line.split()[-1]))
        for line in ask(server.inner, "/metrics").text.splitlines()
        if line.startswith("mlflow_http_request_duration_seconds_count") and ROUTE in line
    )

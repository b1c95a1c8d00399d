"""The main process: imports MLflow once, forks workers and what runs beside them, replaces what dies, and ends.

gunicorn's arbiter does the forking and watching. What is added: draining before the listener closes
(docs/explanation/decisions.md), the inner port, the jobs, and slots for the workers' metrics.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from flowship.backup import record
from flowship.garbage import record as garbage_record
from flowship.mlflow_seams.server import jobs as mlflow_jobs
from flowship.server.http import app
from flowship.server.processes import inner
from flowship.server.processes.child import end_with_parent
from flowship.server.processes.companion import Companion
from flowship.server.processes.worker import Worker
from flowship.server.reporting import metrics, own_metrics
from flowship.server.reporting.domain import DomainMetrics
from flowship.server.reporting.memory import memory
from flowship.server.reporting.now_and_then import of_database
from flowship.server.reporting.own_status import OwnStatus
from flowship.server.reporting.readiness import DatabaseAsker, Readiness
from flowship.server.reporting.state import SharedState
from flowship.status.looking import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import FrameType

    from starlette.types import ASGIApp

    from flowship.server.http.observing.draining import Draining
    from flowship.server.plan.settings import ProcessSettings
    from flowship.server.reporting.metrics import Sample
    from flowship.server.reporting.now_and_then import NowAndThen

HUNG = 120
"""Seconds after which a worker whose event loop does not turn is killed; load alone delays it by a few."""


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's log, as any other: `logs` says where it goes."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        for logger in (self.error_log, self.access_log):
            logger.propagate = True


class Application(BaseApplication):  # type: ignore[misc]
    """Tells gunicorn what to run."""

    def __init__(self, settings: ProcessSettings) -> None:
        self.settings = settings
        self.state = SharedState(2 * settings.workers)  # each may end while its successor serves
        self.databases = DatabaseAsker(settings.databases)
        self._since = datetime.now(UTC)
        super().__init__()

    def load_config(self) -> None:
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        options: dict[str, Any] = {
            "bind": [f"{host}:{self.settings.port}"],
            "workers": self.settings.workers,
            "worker_class": Worker,
            "preload_app": True,
            "timeout": HUNG,
            "graceful_timeout": int(self.settings.shutdown_timeout) + 5,
            "logger_class": QuietLogger,
            "control_socket_disable": True,
            "pre_fork": _give_slot,
            "post_fork": _take_slot,
            "child_exit": _free_slot,
        }
        if os.access("/dev/shm", os.W_OK):  # noqa: S108 - a worker's sign of life must not wait for a disk
            options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> ASGIApp:
        loaded = app.load(self.settings)
        gc.freeze()  # a collection in a worker would copy every page that it could share
        return loaded

    def readiness(self) -> Readiness:
        """Make the checks of readiness, for one process."""
        return Readiness(self.state, self.databases.ask)

    def last_backup(self) -> NowAndThen[datetime]:
        """Make what asks the tracking database for its backups, for one process."""
        return of_database(self.settings.databases[0], record.last)

    def status(self) -> OwnStatus:
        """Make what looks at this server as a whole."""
        return OwnStatus(self.settings, self.state, self._since)

    def own_metrics(self) -> list[Callable[[], Iterable[Sample]]]:
        """Make what tells of this server at each scrape."""
        used, settings = memory(os.getpid()), self.settings
        return [
            own_metrics.versions(versions()),
            partial(own_metrics.garbage, of_database(settings.databases[0], garbage_record.last).known),
            own_metrics.certificate(settings.certificate),
            partial(own_metrics.processes, self.state, settings.workers, self._since, used),
            partial(own_metrics.disks, self.status().directories()),
        ]

    def domain_metrics(self) -> DomainMetrics | None:
        """Make what asks the databases for what is in them, for one process; None where that is not wanted."""
        return DomainMetrics(self.status().databases()) if self.settings.domain_metrics else None

    def wsgi(self) -> ASGIApp:
        """MLflow's app, loaded once; gunicorn's name for it."""
        loaded: ASGIApp = super().wsgi()
        return loaded

    def for_worker(self, draining: Draining) -> ASGIApp:
        """Give the app of one worker, in it."""
        generations, status = self.state.generations, self.status().look
        return app.in_front(self.wsgi(), self.settings, self.readiness(), draining, generations, status)


class Master(Arbiter):  # type: ignore[misc]
    """gunicorn's arbiter, which drains before it stops, and keeps companions."""

    def __init__(self, application: Application, companions: Mapping[str, Callable[[], None]]) -> None:
        """`companions` are functions that run in processes of their own, by a name for people."""
        super().__init__(application)
        self._application = application
        self._companions = [Companion(name, partial(self._apart, work)) for name, work in companions.items()]
        self._asked = 0
        self._stop_at: float | None = None

    @property
    def num_workers(self) -> int:
        """How many there should be: one more for each that ends, which may take as long as its last request."""
        wanted: int = self._application.settings.workers
        return wanted + min(self._application.state.ending, wanted)

    @num_workers.setter
    def num_workers(self, value: int) -> None:
        """The settings decide; gunicorn says what it has read from them."""

    def signal(self, sig: int, frame: FrameType | None) -> None:
        if sig in (signal.SIGTERM, signal.SIGINT):
            self._asked += 1
            if self._asked > 1:
                sig = signal.SIGQUIT  # who asks again wants it at once
        super().signal(sig, frame)

    def handle_term(self) -> None:
        self._drain(self._application.settings.drain_delay)

    def handle_int(self) -> None:
        self._drain(0)

    def handle_hup(self) -> None:
        """Ignore gunicorn's other signals, which would start what the values do not say by a reload or another size."""

    handle_ttin = handle_ttou = handle_usr2 = handle_winch = handle_hup

    def _apart(self, work: Callable[[], None]) -> None:
        """Run a companion, without the socket that it inherited: the port is closed when the workers have closed it."""
        for listener in self.LISTENERS:
            listener.close()
        work()

    def _drain(self, delay: float) -> None:
        self._application.state.drain()
        self._stop_at = time.monotonic() + delay

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        if self._stop_at is not None:
            timeout = min(timeout, max(self._stop_at - time.monotonic(), 0.001))
        found: list[int] = super().wait_for_signals(timeout)
        return found

    def manage_workers(self) -> None:
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            raise StopIteration  # gunicorn's word for a graceful end
        super().manage_workers()
        for companion in self._companions:
            companion.keep()

    def stop(self, graceful: bool = True) -> None:
        self._application.state.drain()
        super().stop(graceful)

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        try:
            super().halt(reason, exit_status)
        finally:
            for companion in self._companions:
                companion.end()


def run(settings: ProcessSettings, directory: Path, jobs: Callable[[], None]) -> None:
    """Serve until a signal ends this process. `jobs` runs MLflow's jobs, in a process of its own, if they are wanted.

    Raises:
        ServerError: MLflow cannot be loaded with these settings.
        SystemExit: at the end.
    """
    application = Application(settings)
    application.wsgi()
    companions: dict[str, Callable[[], None]] = {}
    if settings.inner_port is not None:
        listener = _listen(settings.host, settings.inner_port)
        companions["the inner port"] = partial(
            inner.run,
            listener,
            application.readiness(),
            application.last_backup().known,
            application.status().look,
            directory,
            application.own_metrics(),
            application.domain_metrics(),
        )
    if mlflow_jobs.jobs_wanted():
        companions["the jobs"] = jobs
    Master(application, companions).run()


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen()
    return listener


def _give_slot(master: Master, worker: Worker) -> None:
    used = {other.slot for other in master.WORKERS.values()}
    worker.slot = min(set(range(len(used) + 1)) - used)
    metrics.STARTED.inc()


def _take_slot(master: Master, worker: Worker) -> None:
    gc.enable()
    metrics.use_slot(worker.slot)
    metrics.watch_pools()
    end_with_parent(worker.ppid)


def _free_slot(master: Master, worker: Worker) -> None:
    if not (master.app.state.draining or master.app.state.is_ending(worker.slot)):
        metrics.LOST.inc()
    master.app.state.set_serving(worker.slot, False)
    master.app.state.set_ending(worker.slot, False)
    master.app.state.set_connections(worker.slot, 0)
    master.app.state.set_full(worker.slot, False)
    metrics.forget(worker.slot)

"""Flowship, run as a user runs it: `flowship up` with a values file in the background, other commands to their end.

A run inherits nothing that could decide where data goes: variables of AWS, MLflow and their like are taken out of the
environment, and only what a test gives is put in.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.forked import Beginning, Forked, run_forked
from tests.integration.servers.process import LOOPBACK, children, family, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PROGRAM = Path(sys.executable).with_name("flowship")

START_LIMIT = 300.0
"""Seconds until the first answer; it takes 10 on two idle cores."""
STOP_LIMIT = 120.0

QUICK: Mapping[str, Mapping[str, Any]] = {
    "extraArgs": {"workers": 1},
    "extraEnvVars": {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
}
"""Added to the values unless they say otherwise: one worker and no job processes start in half the time."""

_STRAY = re.compile(
    r"(?i)(AWS|MLFLOW|AZURE|GOOGLE|GCLOUD|CLOUDSDK|PG|MYSQL|FLOWSHIP)\w*|STORAGE_EMULATOR_HOST|\w+_PROXY"
    r"|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|PYTHON(PATH|WARNINGS)"
)

LOG = "flowship.log"

SERVER = re.compile(rb"[^\0]*python[^\0]*\0(-P\0-m\0flowship\.server|[^\0]*/flowship\0serve)\0")
"""How the command line of the server's processes begins, unless they are forks of `flowship up`."""

UP = re.compile(rb"[^\0]*python[^\0]*\0[^\0]*/flowship\0up\0")
"""How that of `flowship up` and its forks begins."""

_READY = "Ctrl-C stops it."
"""What `up` prints last of all; another server on its port would answer, but not print."""

_MARK = "FLOWSHIP_TEST_RUN"
"""A variable that all processes of one run inherit, whatever session they are in."""


class DidNotStart(Exception):  # noqa: N818 - an outcome that tests expect
    """`flowship up` ended, or did not answer in time; the message is its log."""

    def __init__(self, status: int | None, log: str) -> None:
        self.status = status
        self.log = log
        super().__init__(f"flowship up ended with status {status}, its log:\n{log}")


@dataclass
class Running:
    """A `flowship up` or `flowship serve` that answers."""

    command: Sequence[str]
    """What it was started with."""

    address: str
    """Where it answers, static prefix included."""
    process: Forked
    directory: Path
    """Its working directory, which holds the values file and nothing that it should write."""
    data: Path
    _mark: str
    inner: str = ""
    """Where its inner port answers, if it has one."""
    _ended_log: str = ""

    def log(self) -> str:
        """What it and MLflow printed so far."""
        file = self.directory / LOG
        return file.read_text(errors="replace") if file.exists() else self._ended_log

    def pids(self) -> list[int]:
        """All processes of this run."""
        return list(_marked(self._mark, self.directory / LOG))

    @property
    def main_pid(self) -> int:
        """The server's main process, parent of its workers; it is the only child of `flowship up`."""
        if self.command[1] == "up":
            return children(self.process.pid)[0]
        if self.command[0] == str(PROGRAM):
            return self.process.pid
        return next(pid for pid in family(self.process.pid) if SERVER.match(command_line(pid)))

    def stop(self, limit: float = STOP_LIMIT, signum: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C, or send another signal, and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.process.wait(limit)

    def close(self) -> None:
        """Stop it, and end whatever is left of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self._ended_log = self.log()


@contextmanager
def running(
    values: Mapping[str, Any] | None,
    *,
    data: Path,
    arguments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    port: int | None = None,
    inner_port: int | None = None,
    tables: bool = True,
    program: bool = False,
) -> Iterator[Running]:
    """Run `flowship up`; without values, as one who has no file. It has an inner port only if one is given. Unless it
    shall make MLflow's tables in SQLite itself, it finds them. What tells of its start or end asks for the `program`.

    Raises:
        DidNotStart: with its log.
    """
    if tables:
        _make_tables(values or {}, data)
    port = port or free_port()
    command = [str(PROGRAM), "up", "--data", str(data), "--port", str(port), *arguments]
    if inner_port:
        command += ["--inner-port", str(inner_port)]
    with _started(command, values, data, port, inner_port, environ or {}, program) as started:
        _wait_until(started, lambda: _READY in started.log() and _answers(f"{started.address}/health"))
        yield started


@contextmanager
def serving(
    values: Mapping[str, Any],
    *,
    data: Path,
    arguments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
    program: bool = False,
) -> Iterator[Running]:
    """Run `flowship serve`, as a pod does, on free ports of loopback; `before` is a command that runs it, as a program.

    Raises:
        DidNotStart: with its log.
    """
    _make_tables(values, data)
    port, inner_port = free_port(), free_port()
    places = ["--data", str(data), "--host", LOOPBACK, "--port", str(port), "--inner-port", str(inner_port)]
    command = [*before, str(PROGRAM), "serve", *places, *arguments]
    with _started(command, values, data, port, inner_port, environ or {}, program or bool(before)) as started:
        _wait_until(started, lambda: _answers(f"{started.inner}/ready"))
        yield started


running_program = functools.partial(running, program=True)
serving_program = functools.partial(serving, program=True)


def _make_tables(values: Mapping[str, Any], data: Path) -> None:
    """Copy a database with MLflow's tables, which take half of a first start to make, to where a new one would be."""
    if not {"backendStore", "postgresql", "mysql"} & set(values) and not data.exists() and data.parent.is_dir():
        data.mkdir(mode=0o700)
        (data / "mlflow.db").write_bytes(sqlite_tables())
        (data / "mlflow.db").chmod(0o600)


@functools.cache
def sqlite_tables() -> bytes:
    """A file of SQLite with MLflow's tables in it."""
    with tempfile.TemporaryDirectory(prefix="flowship-tables-") as directory:
        done = run("migrate", "--data", directory, "-f", str(write_values(Path(directory, "values.yaml"), {})))
        assert done.returncode == 0, done.stderr
        return Path(directory, "mlflow.db").read_bytes()


@contextmanager
def _started(
    command: Sequence[str],
    values: Mapping[str, Any] | None,
    data: Path,
    port: int,
    inner_port: int | None,
    environ: Mapping[str, str],
    program: bool,
) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="flowship-up-", ignore_cleanup_errors=True) as temporary:
        directory = Path(temporary)
        file = [] if values is None else ["-f", str(write_values(directory / "values.yaml", quick(values)))]
        address = f"http://{LOOPBACK}:{port}{(values or {}).get('extraArgs', {}).get('staticPrefix', '')}"
        inner = f"http://{LOOPBACK}:{inner_port}" if inner_port else ""
        mark = secrets.token_hex(8)
        marked = clean({**environ, _MARK: mark})
        decides = frozenset({*environ, *((values or {}).get("extraEnvVars") or {})})
        beginning = Beginning((*command, *file), directory, marked, decides, program)
        log = directory / LOG
        process = Forked(beginning, [Path(os.devnull), log, log])
        started = Running(beginning.command, address, process, directory, data, mark, inner)
        try:
            yield started
        finally:
            started.close()


def run(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002 - as subprocess.run names it
    directory: Path | None = None,
    limit: float = 300.0,
) -> subprocess.CompletedProcess[str]:
    """Run a command of Flowship to its end."""
    decides = frozenset(environ or {})
    command = (str(PROGRAM), *arguments)
    beginning = Beginning(command, directory or Path.cwd(), clean(environ or {}), decides, program=False)
    return run_forked(beginning, input or "", limit)


def write_values(file: Path, values: Mapping[str, Any]) -> Path:
    """Write a values file, in which every string is quoted: JSON is YAML, but for some control characters."""
    text = json.dumps(values, ensure_ascii=False, indent=2)
    file.touch(mode=0o600)
    file.write_text(re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text))
    return file


def quick(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with `QUICK` below them."""
    return {**values, **{section: {**defaults, **values.get(section, {})} for section, defaults in QUICK.items()}}


def clean(additions: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests without strays, and with the additions."""
    return {**{name: text for name, text in os.environ.items() if not _STRAY.fullmatch(name)}, **additions}


def command_line(pid: int) -> bytes:
    """What a process was started with; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _wait_until(started: Running, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and started.process.poll() is None:
        if answers():
            return
        time.sleep(0.1)
    raise DidNotStart(started.process.poll(), started.log())


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def _marked(mark: str, log: Path) -> Iterator[int]:
    """The processes that began with the mark, and those that were forked without one, which write to the log."""
    entry = f"{_MARK}={mark}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry in (process / "environ").read_bytes().split(b"\0") or (process / "fd/2").readlink() == log:
                yield int(process.name)

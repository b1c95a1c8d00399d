"""What the servers of the tests share: they start, they answer, and none of them outlives the test run.

A server is a real program on loopback, with a directory of its own under the system's temporary directory. It is
stopped at the end of its ``with`` block. When pytest itself is killed there is no such end, so the kernel is asked to
kill the server together with its parent (``PR_SET_PDEATHSIG``).
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOOPBACK = "127.0.0.1"
REPOSITORY = Path(__file__).parents[3]
TOOLS = REPOSITORY / ".cache" / "tools"

# Below Linux's ephemeral ports (32768 and up): while a stopped server is away, no outgoing connection takes its port.
PORTS = range(12000, 32000)

MEMORY = Path("/dev/shm")
"""Linux's file system in memory."""
ROOM = 4 << 30
"""Bytes that must be free there, for the servers of all test workers; a container often has 64 MB."""

# The kernel sends the death signal when the thread that started the process ends, not the whole program. Servers are
# therefore started by one thread that lives as long as the program, so that a test may restart one from a thread.
_LAUNCHER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-launcher")


class ServerError(Exception):
    """A server did not start, or its program is not installed; the message ends with the server's own log."""


def free_port() -> int:
    """A port of loopback that nothing listens on at this moment."""
    for port in random.sample(PORTS, 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((LOOPBACK, port))
            return port
    raise ServerError("found no free port on loopback")


def find_program(name: str, *directories: Path) -> str:
    """The path of an installed program: from the directories, else from PATH."""
    places = os.pathsep.join([*map(str, directories), os.environ.get("PATH", ""), "/usr/sbin"])
    path = shutil.which(name, path=places)
    if path is None:
        raise ServerError(f"{name} is not installed, run `make servers`")
    return path


def has_room(directory: Path) -> bool:
    """Whether servers may keep their files there."""
    return directory.is_dir() and os.access(directory, os.W_OK) and shutil.disk_usage(directory).free >= ROOM


def as_user(user: str | None) -> list[str]:
    """The start of a command that gives up root for this user; nothing to give up when the tests do not run as root."""
    if user is None or os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]


def family(pid: int) -> list[int]:
    """The process and all that descend from it. PostgreSQL's children leave the process group, so it is not enough."""
    known = _children()
    members = [pid]
    for member in members:
        members += known.get(member, [])
    return members


def children(pid: int) -> list[int]:
    """The processes whose parent this one is."""
    return _children().get(pid, [])


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text(errors="replace").rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(status.parent.name))
    return found


def _is_stopped(pid: int) -> bool:
    """Whether no thread of the process runs: a signal to stop takes its effect some time after it was sent."""
    states = set[str]()
    with contextlib.suppress(OSError):  # it has ended
        for status in Path(f"/proc/{pid}/task").glob("*/stat"):
            states.add(status.read_text(errors="replace").rpartition(")")[2].split()[0])
    return states <= {"T", "Z", "X"}


class Server(ABC):
    """A server program; use it in a ``with`` statement."""

    name: ClassVar[str]
    user: ClassVar[str | None] = None
    """The account that runs it when the tests run as root; None for root itself."""
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    in_memory: ClassVar[bool] = False
    """Whether its files are kept in memory where there is room, for it waits for the disk whatever it is told."""
    start_limit: ClassVar[float] = 60
    """Seconds until it must answer; generous, because two test workers may share one slow core."""

    host = LOOPBACK

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.gettempdir())
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""

    @abstractmethod
    def ask(self) -> None:
        """Ask the server something through its real client; raises while it cannot answer."""

    def environment(self) -> Mapping[str, str]:
        """Variables that the server needs beside those of the tests."""
        return {}

    def prepare(self) -> None:  # noqa: B027 - most servers need nothing
        """Fill the empty directory before the first start."""

    def __enter__(self) -> Self:
        place = MEMORY if self.in_memory and has_room(MEMORY) else None
        self.directory = Path(tempfile.mkdtemp(prefix=f"flowship-{self.name}-", dir=place))
        try:
            self.own(self.directory)
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove its directory."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerError(f"{self.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start on the same port with the same data, and return once it answers. Does nothing when it runs."""
        if self.running:
            return
        self._process = _LAUNCHER.submit(self._launch).result()
        wait_until_answered(self.ask, limit=self.start_limit, alive=lambda: self.running, complaint=self._complaint)

    def stop(self, limit: float = 20) -> None:
        """Ask it to end; after the limit, kill it."""
        if self._process is None:
            return
        if self.running:
            self.thaw()
            self._process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(limit)
        self.kill()

    def kill(self) -> None:
        """End it at once, without a chance to tidy up, as a power cut does."""
        if self._process is None:
            return
        if self.running:
            self._signal_all(signal.SIGKILL)
        # What an ended server left behind in its group, such as the workers of a web server.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Keep its sockets open and answer nothing, as a machine in trouble does; until `thaw`."""
        deadline = time.monotonic() + self.start_limit
        while not all(_is_stopped(pid) for pid in family(self.pid)):
            assert time.monotonic() < deadline, f"{self.name} does not stop"
            self._signal_all(signal.SIGSTOP)  # again, to those that were forked meanwhile
            time.sleep(0.01)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def own(self, path: Path) -> None:
        """Give a file or directory to the account that runs the server."""
        if self.user is not None and os.geteuid() == 0:
            shutil.chown(path, self.user, self.user)

    def run(self, command: list[str]) -> None:
        """Run a program to its end, as the server's account."""
        done = subprocess.run(
            [*as_user(self.user), *command],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{command[0]} ended with {done.returncode}:\n{done.stdout.decode(errors='replace')}")

    def _launch(self) -> subprocess.Popen[bytes]:
        command = ["setpriv", "--pdeathsig", "KILL", "--", *self.command()]
        if prefix := as_user(self.user):  # the kernel forgets the death signal when the user changes, so that is first
            command = [*prefix, *command]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in family(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _complaint(self) -> str:
        tail = self.log.read_text(errors="replace")[-4000:]
        return f"{self.name} does not answer on {self.host}:{self.port}. Its log:\n{tail}"


def wait_until_answered(
    ask: Callable[[], object], *, limit: float, alive: Callable[[], bool], complaint: Callable[[], str]
) -> None:
    """Ask until there is an answer, while the asked one lives and for at most `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        try:
            ask()
            return
        except Exception as error:
            if not alive() or time.monotonic() > deadline:
                raise ServerError(complaint()) from error
        time.sleep(0.05)

"""Load from the client's pod while a test does something, and what became of it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.cluster import HERE, until
from tests.helm import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cluster import Namespace


@dataclass
class Outcome:
    """How many requests of each kind were answered, and each failure with its number; filled at the end."""

    done: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)


@contextmanager
def under_load(
    namespace: Namespace, *kinds: str, user: str = "", password: str = "", service: str = ""
) -> Iterator[Outcome]:
    """Load the release, or another service; see `load.py` for the kinds."""
    place = f"{service or namespace.release}.{namespace.name}"
    with at_work(namespace, "load.py", place, "5000", *kinds, USER=user, PASSWORD=password) as outcome:
        yield outcome


@contextmanager
def at_work(namespace: Namespace, script: str, *arguments: str, **environment: str) -> Iterator[Outcome]:
    """Have a script of `tests/e2e` at work in the client's pod: it makes the file `loading` once it has begun, ends
    when there is a file `stop`, and prints what became of its requests."""
    outcome = Outcome()
    namespace.kubectl("exec", "client", "--", "rm", "-f", "loading", "stop")
    command = [str(kubectl()), "--namespace", namespace.name, "exec", "--stdin", "client", "--", "env"]
    command += [*(f"{name}={value}" for name, value in environment.items()), "python", "-", *arguments]
    text = (HERE / script).read_text()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdin
        load.stdin.write(text)
        load.stdin.close()
        load.stdin = None
        try:
            until(
                lambda: load.poll() is not None or "loading" in namespace.kubectl("exec", "client", "--", "ls"),
                f"{script} has begun",
            )
            yield outcome
        finally:
            namespace.kubectl("exec", "client", "--", "touch", "stop")
            printed, _ = load.communicate(timeout=180)
    assert load.returncode == 0, f"{script} has failed"
    found = json.loads(printed)
    outcome.done, outcome.failed = found["done"], found["failed"]

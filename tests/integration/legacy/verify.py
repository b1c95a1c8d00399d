"""Compares what the stock MLflow client of this environment reads from a server with what the old one read there."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.forked import run_module

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def differences(manifest: Path, uri: str, users: Mapping[str, str]) -> list[str]:
    """What the server at this address, asked as these users, no longer has or has otherwise; one line per finding.

    The client runs in a process of its own: credentials and settings reach it by its environment, as a user's do.
    """
    with tempfile.TemporaryDirectory() as directory:
        passwords, found = Path(directory) / "users.json", Path(directory) / "found.json"
        passwords.write_text(json.dumps(dict(users)))
        environment = {**os.environ, "MLFLOW_TRACKING_URI": uri}
        done = run_module("tests.integration.legacy.verify", uri, str(passwords), str(found), environ=environment)
        if done.returncode != 0:
            return [f"the client failed: {done.stderr}"]
        return list(compare(json.loads(manifest.read_text()), json.loads(found.read_text())))


RENAMED = ("NO_PERMISSIONS", "DENY")
"""What locks a user out of one resource, in 2.22.0 and in 3.17.2."""


def compare(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """What was there must be there, and equal. What is there beside it is no finding: newer versions add fields."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key, value in before.items():
            if key in now:
                yield from compare(value, now[key], f"{path}/{key}")
            else:
                yield f"{path}/{key} is missing, it was {value!r}"
    elif before != now and (before, now) != RENAMED:
        yield f"{path} was {before!r} and is {now!r}"


def main() -> None:
    from tests.integration.legacy.reading import read_everything

    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("users", type=Path)
    parser.add_argument("found", type=Path)
    arguments = parser.parse_args()
    users = json.loads(arguments.users.read_text())
    arguments.found.write_text(json.dumps(read_everything(arguments.uri, users)))


if __name__ == "__main__":
    main()

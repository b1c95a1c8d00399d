from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from flowship.mlflow_seams.server.log import EXPERIMENTAL
from flowship.server.reporting.logs import LONGEST, TRACE, JsonFormatter, PlainFormatter


def record(message: str, *arguments: object, failed: bool = False) -> logging.LogRecord:
    failure = None
    if failed:
        try:
            raise ValueError("inner")
        except ValueError:
            failure = sys.exc_info()
    found = logging.LogRecord("mlflow.store", logging.WARNING, __file__, 1, message, arguments, failure)
    found.created, found.process = 1795522465.5, 7
    return found


def test_a_plain_line_holds_time_level_logger_process_and_message() -> None:
    line = PlainFormatter().format(record("slow: %s", "3 s"))

    assert line == "2026-11-24T12:14:25.500Z WARNING mlflow.store [7] slow: 3 s"


def test_a_plain_message_stays_on_one_line() -> None:
    assert PlainFormatter().format(record("a\nb\x1b[31m")).endswith(r"a\nb\x1b[31m")


def test_a_json_line_holds_the_same_as_an_object() -> None:
    assert json.loads(JsonFormatter().format(record("slow\n"))) == {
        "time": "2026-11-24T12:14:25.500Z",
        "level": "warning",
        "logger": "mlflow.store",
        "process": 7,
        "message": "slow\n",
    }


def test_a_trace_follows_a_plain_line_and_is_in_a_json_one() -> None:
    plain = PlainFormatter().format(record("broken", failed=True))
    said = json.loads(JsonFormatter().format(record("broken", failed=True)))

    assert "\nTraceback" in plain
    assert plain.endswith("ValueError: inner")
    assert said["trace"].endswith("ValueError: inner")


LONG = ["p" * 60_000, "ä" * 60_000, "\x1b" * 60_000, "\U0001f600" * 60_000]


def of_a_request(**request: str) -> logging.LogRecord:
    found = record("%s", request["path"])
    found.request = {"client": "192.0.2.1", "status": 401, **request}
    return found


@pytest.mark.parametrize("text", LONG)
def test_no_plain_line_is_longer_than_two_kilobytes(text: str) -> None:
    line = PlainFormatter().format(record(text))

    assert len(line.encode()) <= LONGEST
    assert line.startswith("2026-11-24T12:14:25.500Z WARNING mlflow.store [7] ")
    assert line.endswith(" characters more)")


@pytest.mark.parametrize("text", LONG)
def test_no_json_line_is_longer_than_two_kilobytes_and_each_is_still_an_object(text: str) -> None:
    line = JsonFormatter().format(of_a_request(path=text, user=text))

    assert len(line.encode()) <= LONGEST
    assert json.loads(line)["client"] == "192.0.2.1"
    assert json.loads(line)["path"].endswith(" characters more)")


def test_what_fits_is_not_shortened() -> None:
    path = "p" * 800
    said = json.loads(JsonFormatter().format(of_a_request(path=path)))

    assert (said["path"], said["message"]) == (path, path)
    assert PlainFormatter().format(record("p" * 1900)).endswith("p" * 1900)


def failed_deeply(text: str) -> logging.LogRecord:
    found = record("broken")
    program = "\n".join([*(f"def f{n}(): f{n + 1}()" for n in range(90)), "def f90(): raise error", "f0()"])
    try:
        exec(program, {"error": ValueError(text)})  # noqa: S102 - functions of different names: equal lines are told once
    except ValueError:
        found.exc_info = sys.exc_info()
    return found


def test_a_long_trace_is_told_in_several_json_lines() -> None:
    lines = [json.loads(line) for line in JsonFormatter().format(failed_deeply("inner")).splitlines()]

    assert lines[0]["message"] == "broken"
    trace = "\n".join(line["trace"] for line in lines[1:])
    assert trace.startswith("Traceback")
    assert trace.endswith("ValueError: inner")
    assert all(line["process"] == 7 and len(json.dumps(line)) <= LONGEST for line in lines)


@pytest.mark.parametrize("text", LONG)
def test_no_line_of_a_trace_is_longer_than_two_kilobytes_and_no_trace_without_end(text: str) -> None:
    for formatter in (PlainFormatter(), JsonFormatter()):
        lines = formatter.format(failed_deeply(text)).encode().splitlines()
        assert all(len(line) <= LONGEST for line in lines)
        assert sum(map(len, lines)) <= 10 * TRACE


STARTING = """
import logging, sys
from flowship.server.reporting import logs
logs.configure("plain", sys.argv[1])
logging.getLogger("mlflow.server.jobs.utils").info("a scheduler")
logging.getLogger("mlflow.server.jobs.utils").warning("no scheduler")
logging.getLogger("mlflow.server.auth").warning(sys.argv[2])
logging.getLogger("mlflow.server.auth").warning("no users")
request = {"client": "c", "user": "u", "method": "GET", "path": "/a.js", "status": 200, "duration_ms": 1.0}
logs.access(request, logging.DEBUG)
"""


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("info", ["no scheduler", "no users"]),
        ("debug", ["a scheduler", "no scheduler", EXPERIMENTAL[1], "no users", "c u GET /a.js 200 1.0 ms"]),
    ],
)
def test_what_is_said_at_each_start_is_said_at_debug_level_only(level: str, said: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", STARTING, level, EXPERIMENTAL[1]], capture_output=True, text=True, check=True
    )

    assert [line.partition("] ")[2] for line in run.stderr.splitlines() if "[" in line] == said

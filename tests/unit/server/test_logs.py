from __future__ import annotations

import json
import logging
import sys

from flowship.server.logs import JsonFormatter, PlainFormatter


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

"""One format for every line of the log: MLflow's, gunicorn's, uvicorn's and a line for each request.

No line holds a request's query, headers or body, in which secrets may be, and none is longer than 2 kB, whatever a
client sends.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from flowship.mlflow_seams.server import log as seam

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCESS = "flowship.access"
_access = logging.getLogger(ACCESS)

QUIET = ("alembic", "huey", "gunicorn.error", "uvicorn.error", "flowship.database.served.ordered_pool", *seam.QUIET)
"""Loggers that tell of each migration, task and worker what only their makers need, but for warnings."""

LONGEST = 2048
"""Bytes of a line, its end not counted."""
TRACE = 32 * 1024
"""Characters of a trace, of which the end tells most."""
PART = 1200
"""Bytes of the part of a long trace that is in one JSON line."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class PlainFormatter(logging.Formatter):
    """A line for people: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        said = one_line(record.getMessage())
        line = f"{time_of(record.created)} {record.levelname:<7} {record.name} [{record.process}] {said}"
        return "\n".join([shortened(line), *map(shortened, _trace(self, record))])


class JsonFormatter(logging.Formatter):
    """A JSON object: time, level, logger, process, message, and what else the record says of a request."""

    def format(self, record: logging.LogRecord) -> str:
        place: dict[str, object] = {
            "time": time_of(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
        }
        said = {**place, "message": record.getMessage(), **getattr(record, "request", {})}
        trace = "\n".join(_trace(self, record))
        if not trace:
            return shortened_object(said)
        if len(whole := json.dumps({**said, "trace": trace}, default=str)) <= LONGEST:
            return whole
        parts = [shortened_object({**place, "trace": part}) for part in _parts(trace)]
        return "\n".join([shortened_object(said), *parts])


def shortened(line: str) -> str:
    """Give a line of at most 2 kB, which says how much of it is left out."""
    if len(line) * 4 <= LONGEST or len(encoded := line.encode(errors="replace")) <= LONGEST:
        return line
    kept = encoded[: LONGEST - 40].decode(errors="ignore")
    return f"{kept}... ({len(line) - len(kept)} characters more)"


def shortened_object(said: Mapping[str, object]) -> str:
    """Give a JSON object in one line, with its texts shortened as far as they must be."""
    line = json.dumps(said, default=str)
    length = LONGEST
    while len(line) > LONGEST and length > 1:
        length //= 2
        line = json.dumps({name: _cut(value, length) for name, value in said.items()}, default=str)
    return line


def _cut(value: object, length: int) -> object:
    if isinstance(value, dict):
        return {name: _cut(each, length) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each, length) for each in value[:length]]
    if not isinstance(value, str) or len(value) <= length:
        return value
    return f"{value[:length]}... ({len(value) - length} characters more)"


def _parts(trace: str) -> Iterator[str]:
    """Give the lines of a long trace, as many at once as fit into one line of the log."""
    part: list[str] = []
    size = 0
    for line in trace.splitlines():
        length = len(json.dumps(line))
        if part and size + length > PART:
            yield "\n".join(part)
            part, size = [], 0
        part.append(line)
        size += length
    yield "\n".join(part)


def one_line(text: str) -> str:
    """Text whose control characters are shown instead of obeyed, so that nobody can forge a line."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def configure(log_format: Literal["plain", "json"], level: str) -> None:
    """Send every logger of this process and of those it forks to stderr in one format. Nothing is left out at the level
    `debug`."""
    formatter = JsonFormatter if log_format == "json" else PlainFormatter
    everything = level.lower() == "debug"
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"flowship": {"()": formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "flowship"}},
            "root": {"handlers": ["stderr"], "level": level.upper()},
            "loggers": {
                **({} if everything else {name: {"level": "WARNING"} for name in QUIET}),
                ACCESS: {"level": "DEBUG" if everything else "INFO"},
            },
        }
    )
    logger, greeting = seam.EXPERIMENTAL
    logging.getLogger(logger).addFilter(lambda record: everything or record.getMessage() != greeting)
    logging.captureWarnings(True)
    os.environ["MLFLOW_CONFIGURE_LOGGING"] = "false"  # its own handler would say everything twice


def access(request: Mapping[str, object], level: int = logging.INFO) -> None:
    """Log one request: client, user, method, path, status and duration in milliseconds."""
    if not _access.isEnabledFor(level):
        return
    line = "{client} {user} {method} {path} {status} {duration_ms:.1f} ms".format_map(request)
    if "tried" in request:
        line += f" tried as {request['tried']}"
    # Made here: `info` looks for its caller first, which no line of the log names.
    record = logging.LogRecord(ACCESS, level, __file__, 0, line, (), None)
    record.request = request
    _access.handle(record)


def time_of(since_1970: float) -> str:
    """Write a time as the log has it, in UTC and to the millisecond."""
    seconds, milliseconds = divmod(int(since_1970 * 1000), 1000)
    return f"{_second(seconds)}.{milliseconds:03}Z"


@lru_cache(1)
def _second(since_1970: int) -> str:
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    """Give the lines of a trace, from the end as far as they are not too many."""
    if not record.exc_info:
        return []
    trace = formatter.formatException(record.exc_info)
    left_out = max(0, len(trace) - TRACE)
    lines = trace[left_out:].splitlines()
    return [f"... ({left_out} characters more)", *lines] if left_out else lines

"""One format for every line of the log: MLflow's, gunicorn's, uvicorn's and a line for each request.

No line holds a request's query, headers or body, in which secrets may be.
"""

from __future__ import annotations

import json
import logging
import logging.config
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCESS = "flowship.access"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class PlainFormatter(logging.Formatter):
    """A line for people: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_time(record)} {record.levelname:<7} {record.name} [{record.process}] {one_line(record.getMessage())}"
        return "\n".join([line, *_trace(self, record)])


class JsonFormatter(logging.Formatter):
    """A JSON object: time, level, logger, process, message, and what else the record says of a request."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, "request", {}),
        }
        if trace := _trace(self, record):
            said["trace"] = "\n".join(trace)
        return json.dumps(said, default=str)


def one_line(text: str) -> str:
    """Text whose control characters are shown instead of obeyed, so that nobody can forge a line."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def configure(log_format: Literal["plain", "json"], level: str) -> None:
    """Send every logger of this process and of those it forks to stderr in one format."""
    formatter = JsonFormatter if log_format == "json" else PlainFormatter
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"flowship": {"()": formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "flowship"}},
            "root": {"handlers": ["stderr"], "level": level.upper()},
            "loggers": {
                # They tell of each migration, task and worker what only their makers need.
                **{name: {"level": "WARNING"} for name in ("alembic", "huey", "gunicorn.error", "uvicorn.error")},
                ACCESS: {"level": "INFO"},
            },
        }
    )
    logging.captureWarnings(True)
    os.environ["MLFLOW_CONFIGURE_LOGGING"] = "false"  # its own handler would say everything twice


def access(request: Mapping[str, object]) -> None:
    """Log one request: client, user, method, path, status and duration in milliseconds."""
    line = "{client} {user} {method} {path} {status} {duration_ms:.1f} ms".format_map(request)
    logging.getLogger(ACCESS).info(line, extra={"request": dict(request)})


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    return [formatter.formatException(record.exc_info)] if record.exc_info else []

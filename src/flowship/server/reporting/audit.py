"""The audit log: a JSON object in one line for each thing that somebody did who can be asked about it later.

It goes where the log goes. `audit` says what was done, which no other line has, so that both are told apart.
"""

from __future__ import annotations

import logging
import sys
import time

from flowship.server.reporting.logs import shortened_object, time_of

AUDIT = "flowship.audit"

_logger = logging.getLogger(AUDIT)


def configure(*, wanted: bool) -> None:
    """Write lines of the audit log, or none, in this process and those that it forks."""
    _logger.propagate = False
    _logger.handlers = [logging.StreamHandler(sys.stderr)] if wanted else [logging.NullHandler()]
    _logger.setLevel(logging.INFO)
    _logger.disabled = not wanted


def is_kept() -> bool:
    """Tell whether lines are written."""
    return not _logger.disabled


def record(audit: str, outcome: str, *, user: str | None, client: str, **said: object) -> None:
    """Write down what somebody did: what it was, how it ended, who, from which address, and what more is known."""
    if not is_kept():
        return
    line = {"time": time_of(time.time()), "audit": audit, "outcome": outcome, "user": user, "client": client, **said}
    _logger.info("%s", shortened_object(line))

"""What is known of those who log in: counted, and written down where somebody was asked whether they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.gate.asking import CACHED, VERIFIED
from flowship.server.http.observing.observation import set_tried
from flowship.server.reporting import audit
from flowship.server.reporting.metrics import count_authentication

if TYPE_CHECKING:
    from flowship.auth.authenticator import Attempt


def observe(attempt: Attempt) -> None:
    """Count how credentials were received, and write it down, unless they were remembered; the log names who failed."""
    count_authentication(attempt.result)
    if attempt.result == CACHED:
        return
    is_right = attempt.result == VERIFIED
    if not is_right and attempt.username:
        set_tried(attempt.username)
    user, tried = (attempt.username, None) if is_right else (None, attempt.username)
    audit.record("log-in", attempt.result, user=user, client=attempt.address, tried=tried)

from __future__ import annotations

import logging

import pytest

from flowship.server.reporting.seldom import EVERY, Seldom


def test_a_warning_is_said_once_a_minute_with_how_often_it_was_not(caplog: pytest.LogCaptureFixture) -> None:
    now = 100.0
    seldom = Seldom(logging.getLogger("test"), lambda: now)
    for number in range(3):
        seldom.warning("no %s", number)
    now += EVERY
    seldom.warning("no %s", 3)
    now += EVERY
    seldom.warning("no %s", 4)

    assert caplog.messages == ["no 0", "no 3 (and 2 times more before this)", "no 4"]

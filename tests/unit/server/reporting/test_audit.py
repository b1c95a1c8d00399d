from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from flowship.server.reporting import audit
from flowship.server.reporting.logs import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    logger = logging.getLogger(audit.AUDIT)
    before = logger.handlers, logger.disabled, logger.propagate
    yield
    logger.handlers, logger.disabled, logger.propagate = before


def test_a_line_is_an_object_that_says_who_did_what_from_where(capsys: pytest.CaptureFixture[str]) -> None:
    audit.configure(wanted=True)

    audit.record("request", "done", user="ann\n", client="192.0.2.1", what="runs/delete", about={"run_id": "r"})

    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said.pop("time").endswith("Z")
    assert said == {
        "audit": "request",
        "outcome": "done",
        "user": "ann\n",
        "client": "192.0.2.1",
        "what": "runs/delete",
        "about": {"run_id": "r"},
    }


def test_a_line_is_short_whatever_a_client_sends(capsys: pytest.CaptureFixture[str]) -> None:
    audit.configure(wanted=True)

    audit.record("log-in", "wrong", user=None, client="192.0.2.1", tried="n" * 9_000, about={"ids": ["\x1b" * 99] * 99})

    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) <= LONGEST
    assert json.loads(line)["tried"].startswith("nnn")


def test_nothing_is_written_where_it_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    audit.configure(wanted=False)

    audit.record("log-in", "wrong", user=None, client="192.0.2.1")

    assert not audit.is_kept()
    assert capsys.readouterr().err == ""

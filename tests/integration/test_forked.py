from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.flowship import clean
from tests.integration.forked import Beginning, run_forked

SAYS_SO = (sys.executable, "-c", "print('a program')")
"""A program of its own; Flowship has no such command."""


def begun(directory: Path, names: set[str], *, program: bool = False) -> str:
    beginning = Beginning(SAYS_SO, directory, clean({}), frozenset(names), program)
    return run_forked(beginning, "", 60).stdout


@pytest.mark.parametrize("name", ["MLFLOW_LOGGING_LEVEL", "OTEL_PROPAGATORS", "SSL_CERT_FILE", "TZ", "PYTHONPATH"])
def test_a_variable_that_has_had_its_effect_before_begins_the_program(name: str, tmp_path: Path) -> None:
    assert begun(tmp_path, {name}) == "a program\n"


def test_what_a_test_asks_for_as_a_program_is_one(tmp_path: Path) -> None:
    assert begun(tmp_path, set(), program=True) == "a program\n"


def test_variables_that_are_read_later_need_none(tmp_path: Path) -> None:
    later = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "AWS_ACCESS_KEY_ID", "PGPASSWORD", "HTTPS_PROXY"}

    assert begun(tmp_path, later) == ""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.values.examples import COMMANDS, CORRECTED, EXAMPLES, WRONG

if TYPE_CHECKING:
    from tests.unit.values.conftest import Read, Refused


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_example_of_the_specification_is_taken(reads: Read, name: str) -> None:
    reading = reads(EXAMPLES[name])

    assert reading.loaded.data
    assert reading.variables == {}


@pytest.mark.parametrize("name", list(WRONG))
def test_an_example_that_never_worked_is_refused_with_what_to_write(refused: Refused, name: str) -> None:
    text, findings = WRONG[name]

    assert refused(text) == findings


@pytest.mark.parametrize("name", list(WRONG))
def test_written_so_it_is_taken(reads: Read, name: str) -> None:
    text, _ = WRONG[name]
    for wrong, right in CORRECTED.items():
        text = text.replace(wrong, right)

    values = reads(text).values

    assert values.postgresql.enabled or values.auth.adminPassword == "S3cr3+ enough"


@pytest.mark.parametrize("kind", list(COMMANDS))
def test_the_arguments_of_the_commands_are_taken(reads: Read, kind: str) -> None:
    reading = reads("", *COMMANDS[kind])

    store = getattr(reading.values.backendStore, kind)
    assert (store.enabled, store.port) == (True, {"postgres": 5432, "mysql": 3306}[kind])
    assert reading.environ["MLFLOW_S3_ENDPOINT_URL"] == "http://minio-service:9000"

from __future__ import annotations

import pytest

from flowship.errors import StatusError
from flowship.status.asking import ask, understood
from flowship.status.report import Status, Versions


def test_an_answer_is_read_as_it_was_written() -> None:
    status = Status(versions=Versions(flowship="1", mlflow="3", python="3"), signing_in="ldap")

    assert understood("http://x", 200, status.model_dump_json()) == status


@pytest.mark.parametrize(
    ("code", "text", "sentence"),
    [
        (401, "", "--server http://x: tells its status to admins only. Set MLFLOW_TRACKING_USERNAME"),
        (403, "no", "--server http://x: tells its status to admins only. Set MLFLOW_TRACKING_USERNAME"),
        (404, "<html>", "--server http://x: answered 404, but not with a status. Is there a Flowship"),
        (200, "{}", "--server http://x: answered 200, but not with a status. Is there a Flowship"),
    ],
)
def test_another_answer_is_told_in_a_sentence(code: int, text: str, sentence: str) -> None:
    with pytest.raises(StatusError) as raised:
        understood("http://x", code, text)

    assert str(raised.value).startswith(sentence)


def test_what_is_no_address_is_not_asked() -> None:
    with pytest.raises(StatusError, match=r"^--server mlflow\.example\.com: is not an address\. Write it as https://"):
        ask("mlflow.example.com")

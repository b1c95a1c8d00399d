from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flowship.client.log_ins import LogIn, address_of, file_of_log_ins, fitting, keep, log_ins
from flowship.errors import LogInError

if TYPE_CHECKING:
    from pathlib import Path

ANN = LogIn("ann", "flowship_secret", 2_000_000_000)


def test_log_ins_are_kept_for_their_owner_only(home: Path) -> None:
    before = os.umask(0)
    try:
        keep("https://a", ANN)
        keep("https://b", LogIn("bob", "flowship_other"))
    finally:
        os.umask(before)

    file = home / ".config" / "flowship" / "log-ins.json"
    assert file == file_of_log_ins()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert log_ins() == {"https://a": ANN, "https://b": LogIn("bob", "flowship_other")}
    assert [each.name for each in file.parent.iterdir()] == ["log-ins.json"]
    keep("https://b", None)
    assert log_ins() == {"https://a": ANN}
    assert "secret" not in repr(ANN)


def test_a_file_that_others_can_read_is_not_used(home: Path) -> None:
    keep("https://a", ANN)
    file_of_log_ins().chmod(0o640)

    with pytest.raises(
        LogInError, match=r"log-ins\.json can be read by others\. Run: chmod 600 .*, and log in again\."
    ):
        log_ins()


@pytest.mark.parametrize("content", ["", "[]", "7", '{"https://a": []}', '{"https://a": {"key": 1}}'])
def test_a_file_that_is_none_of_ours_is_told(content: str) -> None:
    keep("https://a", ANN)
    file_of_log_ins().write_text(content)

    with pytest.raises(LogInError, match=r"cannot be read \(.*\)\. Delete it, and log in again\."):
        log_ins()


def test_the_place_of_configuration_may_be_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "elsewhere"))
    assert file_of_log_ins() == home / "elsewhere" / "flowship" / "log-ins.json"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert file_of_log_ins() == home / ".config" / "flowship" / "log-ins.json"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://MLflow.example.com/", "https://mlflow.example.com"),
        ("https://mlflow.example.com:443/ml/", "https://mlflow.example.com/ml"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_an_address_has_one_spelling(url: str, address: str) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mlflow.example.com", "This is no address of a server. Write one such as https://mlflow.example.com"),
        ("ftp://a", "is no address of a server"),
        ("https://user:sesame@a", "is no address of a server"),
        ("https://a?b", "is no address of a server"),
        ("https://a:99999", "is no address of a server"),
        ("http://mlflow.example.com", "whoever is on the way could read the token. Write the address with https://"),
        ("http://localhost.example.com", "whoever is on the way could read the token"),
    ],
)
def test_an_address_to_which_no_token_may_go_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(LogInError) as refused:
        address_of(url)

    assert sentence in str(refused.value)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("https://a/api/2.0/x?y=z", "ann"),
        ("https://A:443/api", "ann"),
        ("https://a/ml/api", "bob"),
        ("https://a/mlx/api", "ann"),
        ("https://a", "ann"),
        ("http://a/api", None),
        ("https://a:8443/api", None),
        ("https://a.evil.example.com/api", None),
        ("https://evil.example.com/https://a/", None),
        ("https://a@evil.example.com/", None),
        ("https://evil.example.com/?https://a/", None),
    ],
)
def test_a_token_goes_to_its_own_server_only(url: str, user: str | None) -> None:
    keep("https://a", ANN)
    keep("https://a/ml", LogIn("bob", "flowship_other"))

    found = fitting(url)

    assert (found.user if found else None) == user

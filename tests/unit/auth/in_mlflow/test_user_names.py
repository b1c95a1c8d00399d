"""Users are made only under names with which they can log in."""

from __future__ import annotations

import pytest

from flowship.auth.in_mlflow.user_names import refusal

HTTP = "which a login by HTTP cannot carry. Write another name."


@pytest.mark.parametrize("name", ["ada", "ünï@example.com", "a b", "x" * 255, "é" * 255, "日本"])
def test_names_of_people_are_taken(name: str) -> None:
    assert refusal(name) is None


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a:b", f"The user's name holds `:`, {HTTP}"),
        (":", f"The user's name holds `:`, {HTTP}"),
        ("a\nb", f"The user's name holds a control character, {HTTP}"),
        ("a\x00", f"The user's name holds a control character, {HTTP}"),
        ("a\x7f", f"The user's name holds a control character, {HTTP}"),
        ("a\x85", f"The user's name holds a control character, {HTTP}"),
        ("a\ud800", f"The user's name holds a control character, {HTTP}"),
        ("", "The user's name is missing. Write it as text."),
        (None, "The user's name is missing. Write it as text."),
        (7, "The user's name is missing. Write it as text."),
        ("x" * 256, "The user's name has 256 characters, more than 255. Write a shorter one."),
    ],
)
def test_other_names_are_refused(name: object, sentence: str) -> None:
    assert refusal(name) == sentence

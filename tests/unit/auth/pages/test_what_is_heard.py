"""What was wrong is said with the field that has the focus, and with no other one."""

from __future__ import annotations

import re

import pytest

from flowship.auth.pages.login import LoginPage
from flowship.auth.pages.terminal import ask_for_code
from flowship.auth.pages.tokens import tokens_page


def described(html: str) -> list[str]:
    """Give the ids of fields that something is said of."""
    return re.findall(r'<input id="(\w+)"[^>]* autofocus aria-describedby="problem"', html)


@pytest.mark.parametrize(("username", "field"), [("", "username"), ("ada", "password")])
def test_the_login_page_says_what_was_wrong_where_the_cursor_is(username: str, field: str) -> None:
    page = LoginPage("", passwords=True)

    assert described(page.form("/", username=username, wrong="Wrong.").html()) == [field]
    assert 'id="problem" role="alert">Wrong.<' in page.form("/", username=username, wrong="Wrong.").html()
    assert "problem" not in page.form("/", username=username).html().partition("</style>")[2]


def test_the_page_of_terminals_does_too() -> None:
    assert described(ask_for_code("Unknown.").html()) == ["code"]
    assert described(ask_for_code().html()) == []


def test_the_choices_of_a_tokens_scope_have_a_name() -> None:
    html = tokens_page([], "ada", 0, is_admin=False).html()

    assert re.search(r"<fieldset><legend>What it may do</legend>(.|\n)*</fieldset>", html)

"""Where the commands about users look, and what they leave to where users come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.accounts.by_api import RemoteAccounts
from flowship.auth.methods.basic.sign_in import BasicSignIn
from flowship.auth.methods.own import OwnApp, OwnFunction
from flowship.cli.accounts.opened import Opened, Shown
from flowship.cli.terminal import options
from flowship.errors import AccountsError
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.auth.sign_in import SignIn

SERVER = RemoteAccounts("http://localhost:1")


class FromDirectory(BasicSignIn):
    """Users with passwords that are kept elsewhere."""

    @property
    def passwords_in_mlflow(self) -> bool:
        return False


def test_in_a_pod_the_values_are_those_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("auth: {enabled: true, adminUsername: root, adminPassword: a long password}\n")
    monkeypatch.setattr(options, "POD_VALUES", values)
    monkeypatch.setattr(options, "POD_DATA", tmp_path / "data")

    result = run("users", "list")

    assert result.exit_code == 1
    assert f"There are no users yet: sqlite:///{tmp_path}/data/basic_auth.db is made by the first" in result.output


@pytest.mark.parametrize("sign_in", [BasicSignIn(), OwnFunction(), OwnApp(app="mine"), None])
def test_passwords_and_admins_are_kept_here(sign_in: SignIn | None) -> None:
    Opened(SERVER, sign_in).require_decided_here("Who is an admin")


def test_of_users_from_elsewhere_they_are_not() -> None:
    with pytest.raises(AccountsError) as refused:
        Opened(SERVER, FromDirectory()).require_decided_here("Who is an admin")

    assert (
        str(refused.value)
        == "Who is an admin is decided where users come from, a directory or a provider, and not kept here."
    )


@pytest.mark.parametrize("sign_in", [OwnFunction(), OwnApp(app="mine")])
def test_code_of_ones_own_lets_in_whom_it_likes(sign_in: SignIn) -> None:
    with pytest.raises(AccountsError) as refused:
        Opened(SERVER, sign_in).require_gate()

    assert str(refused.value) == (
        "auth.authorizationFunction or auth.appName decides who signs in, so that Flowship can keep nobody out. "
        "Disable the user there, or delete the user."
    )
    Opened(SERVER, FromDirectory()).require_gate()


def test_a_table_shows_names_as_a_terminal_can(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"name": "a\x1b[31m", "admin": True, "roles": ["x", "y"]},
        {"name": "long name", "admin": False, "roles": []},
    ]

    Shown(as_json=False).rows(rows)

    assert capsys.readouterr().out.splitlines() == [
        "NAME       ADMIN  ROLES",
        "a\\x1b[31m  yes    x, y",
        "long name",
    ]
    Shown(as_json=False).rows([])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words", [["grant", "READ", "experiment:1"], ["revoke", "experiment:1", "--user", "a", "--role", "b"]]
)
def test_a_grant_is_for_a_user_or_a_role(words: list[str]) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert "Say to whom it is: --user NAME or --role NAME." in result.output


def test_what_cannot_be_granted_is_said_before_anything_is_asked() -> None:
    result = run("grant", "REED", "experiment:1", "--user", "a", "--server", "http://x")

    assert (result.exit_code, result.output) == (1, "✗ There is no permission 'REED'. Did you mean 'READ'?\n")

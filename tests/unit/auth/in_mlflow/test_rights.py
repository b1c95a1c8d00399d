"""Who may see the names of others, and who counts as an admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.auth.authenticator import Identity
from flowship.auth.in_mlflow import rights

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("permissions", "default", "expected"),
    [
        ([], "NO_PERMISSIONS", False),
        ([], "READ", False),
        (["READ", "USE", "DENY", "NO_PERMISSIONS"], "USE", False),
        (["READ", "EDIT"], "READ", True),
        (["MANAGE"], "NO_PERMISSIONS", True),
        ([], "EDIT", True),
        ([], "MANAGE", True),
    ],
)
def test_names_are_for_those_who_can_give_something(permissions: Sequence[str], default: str, expected: bool) -> None:
    assert rights.sees_names(permissions, default) is expected


@pytest.mark.parametrize("provider", ["bedrock", "Bedrock", "bedrock_converse", "vertex_ai", "sagemaker"])
def test_models_for_which_the_server_may_show_its_own_identity_are_defined_by_admins(provider: str) -> None:
    assert rights.model_withheld(provider) == (
        f"Models of {provider} are for admins to define, because the server may ask for them with its own identity in "
        "that cloud. Ask an admin to define the model, and to permit you to use it."
    )


@pytest.mark.parametrize("provider", ["", "openai", "anthropic", "ollama", "azure"])
def test_other_models_are_defined_by_who_has_a_secret_for_them(provider: str) -> None:
    assert rights.model_withheld(provider) is None


@pytest.mark.parametrize("is_admin", [True, False])
def test_a_directory_says_who_is_an_admin(is_admin: bool) -> None:
    assert rights.is_admin(Identity("ada", is_admin=is_admin)) is is_admin


@pytest.mark.parametrize("is_admin", [True, False])
def test_otherwise_mlflows_users_say(monkeypatch: pytest.MonkeyPatch, is_admin: bool) -> None:
    class Store:
        def get_user(self, username: str) -> Identity:
            return Identity(username, is_admin=is_admin)

    monkeypatch.setattr("flowship.mlflow_seams.auth.users.users_store", Store)

    assert rights.is_admin(Identity("ada")) is is_admin

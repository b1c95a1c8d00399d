"""How a provider's users and those with a password here come in at one server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from flowship.auth.authenticator import Entrance, Identity, Readmission, Unavailable, Verified
from flowship.auth.elsewhere import Parts
from flowship.auth.gateway import Gateway
from flowship.auth.generations import Generations
from flowship.auth.methods.oidc import users
from flowship.auth.methods.oidc.members.logging_in import LoggingIn
from flowship.auth.methods.oidc.provider.settings import BEGIN, CALLBACK, ProviderSettings
from flowship.auth.methods.oidc.sign_in import OidcSignIn
from flowship.auth.pages.token_pages import TOKENS
from flowship.auth.sign_in import Worker
from flowship.values.rules.server.oidc import OWN_PAGES

if TYPE_CHECKING:
    from flowship.auth.authenticator import Authenticator
    from flowship.auth.sign_in import SignIn

SETTINGS = ProviderSettings(discovery_url="", client_id="", client_secret="secret")


class Directory:
    """A way to sign in whose users go on for 900 seconds while nobody can say."""

    def entrances(self, worker: Worker) -> tuple[Entrance, ...]:
        del worker
        readmission = Readmission(lambda login: Unavailable(5), lambda login: 900.0)
        return (Entrance(lambda scope: None, cast("Authenticator", None), readmission=readmission),)


WORKER = Worker(Generations(), Gateway("", b"", None))


def readmission(beside: object) -> Readmission:
    (entrance,) = users.ProviderUsers(SETTINGS).entrances(cast("SignIn | None", beside), WORKER)
    assert entrance.readmission is not None
    return entrance.readmission


def test_the_grace_of_a_directory_is_for_its_users_alone() -> None:
    """A provider's users have gone on for `oidcAuth.graceSeconds` when it is said that nobody can say."""
    found = readmission(Directory())

    assert found.ask("ann") == Unavailable(5)
    assert (found.grace("ann"), found.grace("oidc:account")) == (900, 0)


def test_without_a_directory_nobody_has_a_grace() -> None:
    found = readmission(None)

    assert found.ask("ann") == Verified(Identity("ann"))
    assert (found.grace("ann"), found.grace("oidc:account")) == (0, 0)


async def nothing(*given: Any) -> None:
    """Stand for what a worker lends to the pages."""


def test_a_worker_has_one_memory_of_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connections, its keys, and that it does not answer: who asks again and who logs in share them."""
    made: list[ProviderSettings] = []

    class Counted(LoggingIn):
        def __init__(self, settings: ProviderSettings) -> None:
            made.append(settings)
            super().__init__(settings)

    monkeypatch.setattr(users, "LoggingIn", Counted)
    sign_in = OidcSignIn(provider=SETTINGS)
    assert made == []

    sign_in.entrances(WORKER)
    sign_in.elsewhere(Parts("", nothing, nothing))

    assert made == [SETTINGS]
    assert OidcSignIn.model_validate_json(sign_in.model_dump_json()) == OidcSignIn(provider=SETTINGS)


@pytest.mark.parametrize(
    ("redirect", "prefix", "path"),
    [
        ("", "", "/login/oidc/callback"),
        ("", "/ml", "/login/oidc/callback"),
        ("https://mlflow.example.com/callback", "", "/callback"),
        ("https://mlflow.example.com/ml/callback", "/ml", "/callback"),
    ],
)
def test_the_provider_sends_browsers_back_to_where_the_values_say(redirect: str, prefix: str, path: str) -> None:
    assert users.callback_path(SETTINGS.model_copy(update={"redirect_uri": redirect}), prefix) == path


def test_no_page_has_the_path_of_another() -> None:
    assert set(OWN_PAGES) == {"/login", BEGIN, "/logout", TOKENS}
    assert CALLBACK not in OWN_PAGES

"""How a provider's users and those with a password here come in at one server."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flowship.auth.authenticator import Entrance, Identity, Readmission, Unavailable, Verified
from flowship.auth.generations import Generations
from flowship.auth.methods.oidc import users
from flowship.auth.methods.oidc.settings import ProviderSettings
from flowship.auth.sign_in import Worker

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


def readmission(beside: object) -> Readmission:
    (entrance,) = users.entrances(SETTINGS, cast("SignIn | None", beside), Worker(Generations()))
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

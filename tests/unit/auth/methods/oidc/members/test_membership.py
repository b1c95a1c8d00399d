from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.exceptions import MlflowException
from sqlalchemy import text

from flowship.auth import disabled
from flowship.auth.authenticator import Forbidden, Identity, Unavailable, Verified, Wrong
from flowship.auth.methods.oidc.members.claims import Rights
from flowship.auth.methods.oidc.members.logging_in import Account, Arrived
from flowship.auth.methods.oidc.members.membership import NAME_TAKEN, Membership
from flowship.auth.methods.oidc.members.sealing import Given, Seal
from flowship.auth.methods.oidc.provider.errors import LogInAgainError, LogInRefusedError, ProviderDownError
from flowship.auth.methods.oidc.provider.settings import ProviderSettings
from flowship.database.own_tables import provider_accounts
from tests.unit.auth.clock import Clock
from tests.unit.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

ISSUER = "https://id.example.com"
ADA = Arrived(Account(ISSUER, "1"), "ada", Rights(False, frozenset()), "refresh 1", "id 1")
SETTINGS = ProviderSettings(
    discovery_url="", client_id="", client_secret="secret", recheck=900, grace=600, reserved=("root",)
)


class Provider:
    """Answers for the provider: with a user, or with an error."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        self.answer: Arrived | Exception = ADA
        self.tokens: list[str] = []

        self.rotated = ""

    def asked_again(self, account: Account, refresh_token: str, replaced: Callable[[str], None]) -> Arrived:
        self.tokens.append(refresh_token)
        if self.rotated:
            replaced(self.rotated)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Here:
    """A membership with all that it needs: users of MLflow's in a dict, and what was kept for each."""

    def __init__(self, engine: Engine, **settings: Any) -> None:
        self.engine, self.clock = engine, Clock()
        self.provider = Provider(SETTINGS.model_copy(update=settings))
        self.users: dict[str, Arrived | None] = {}
        self.disabled: set[str] = set()
        self.is_down = False
        self.membership = Membership(
            lambda: engine,
            self.provider,  # type: ignore[arg-type]
            Seal("secret"),
            lambda name: name in self.users,
            self.keep,
            self.disabled.__contains__,
            clock=self.clock,
        )

    def keep(self, name: str, user: Arrived) -> None:
        if self.is_down:
            raise MlflowException("the database is down")
        self.users[name] = user

    def arrive(self, user: Arrived = ADA) -> str:
        return self.membership.arrived(user)[0]

    def kept(self) -> list[tuple[str, str]]:
        with self.engine.connect() as connection:
            return [
                tuple(row)
                for row in connection.execute(text("SELECT username, sealed FROM flowship_provider_accounts"))
            ]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with in_memory() as made:
        provider_accounts.create(made)
        yield made


@pytest.fixture
def here(engine: Engine) -> Here:
    return Here(engine)


def test_who_arrives_is_a_user_of_mlflows(here: Here) -> None:
    key, identity = here.membership.arrived(ADA)

    assert identity == Identity("ada", is_admin=False)
    assert here.users == {"ada": ADA}
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.provider.tokens == []
    assert here.membership.has("ada")
    assert not here.membership.has("Ada")


def test_what_the_provider_gave_is_not_to_be_read_in_the_database(here: Here) -> None:
    key = here.arrive()

    assert here.membership.given(key) == Given("refresh 1", "id 1")
    assert "refresh 1" not in str(here.kept())
    assert Seal("another").opened(here.kept()[0][1]) == Given()


def test_a_name_stays_with_the_pair_of_issuer_and_subject(here: Here) -> None:
    here.arrive()

    renamed = here.membership.arrived(replace(ADA, username="admin"))
    assert renamed[1].username == "ada"
    for other in (Account(ISSUER, "2"), Account("https://evil.example.com", "1"), Account(f"{ISSUER}\0", "1")):
        with pytest.raises(LogInRefusedError) as refused:
            here.arrive(replace(ADA, account=other))
        assert str(refused.value) == NAME_TAKEN
        assert refused.value.detail == "the name ada is that of another user at the provider, whom MLflow still has"


def test_a_name_is_free_again_when_an_admin_has_deleted_its_user(here: Here) -> None:
    first = here.arrive()
    del here.users["ada"]
    second = here.arrive(replace(ADA, account=Account(ISSUER, "2")))

    assert here.membership.ask(first) == Wrong()
    assert here.membership.ask(second) == Verified(Identity("ada"))


def test_users_of_mlflows_own_keep_their_names_unless_the_values_say_otherwise(engine: Engine) -> None:
    here, adopting = Here(engine), Here(engine, adopt=True)
    for each in (here, adopting):
        each.users.update({"ada": None, "root": None})

    with pytest.raises(LogInRefusedError) as refused:
        here.arrive()
    assert refused.value.detail == (
        "MLflow has a user ada already, who does not come from the provider; set oidcAuth.adoptExistingUsers if they "
        "are the same"
    )
    assert adopting.arrive()
    with pytest.raises(LogInRefusedError):
        adopting.arrive(replace(ADA, account=Account(ISSUER, "2"), username="root"))


def test_nobody_begins_under_a_name_that_the_values_have_for_others(here: Here) -> None:
    with pytest.raises(LogInRefusedError) as refused:
        here.arrive(replace(ADA, username="root"))

    assert refused.value.detail == "root is the admin of the values, or a user that oidcAuth.workloads names"


def test_who_is_disabled_does_not_come_in(here: Here) -> None:
    here.disabled.add("ada")

    with pytest.raises(LogInRefusedError, match=disabled.SENTENCE):
        here.arrive()


def test_the_provider_is_asked_again_when_it_is_time(here: Here) -> None:
    key = here.arrive()
    here.provider.answer = replace(ADA, refresh_token="refresh 2", id_token="", rights=Rights(True, frozenset()))
    here.clock.now += 899
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.provider.tokens == []

    here.clock.now += 1
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.provider.tokens == ["refresh 1"]
    assert here.users["ada"] == here.provider.answer
    assert here.membership.given(key) == Given("refresh 2", "id 1")


def test_a_refresh_token_that_is_not_replaced_goes_on(here: Here) -> None:
    key = here.arrive()
    here.provider.answer = replace(ADA, refresh_token="")
    for _ in range(2):
        here.clock.now += 900
        here.membership.ask(key)

    assert here.provider.tokens == ["refresh 1", "refresh 1"]


def test_a_refresh_token_is_not_lost_when_rights_cannot_be_written(here: Here) -> None:
    """Or the next question would be by one that the provider takes no more, and log the user out."""
    key = here.arrive()
    promoted = replace(ADA, refresh_token="refresh 2", rights=Rights(True, frozenset()))
    here.provider.answer, here.provider.rotated, here.is_down = promoted, "refresh 2", True
    here.clock.now += 900
    assert isinstance(here.membership.ask(key), Unavailable)
    assert here.membership.given(key) == Given("refresh 2", "id 1")
    assert here.users["ada"] == ADA

    here.is_down = False
    here.clock.now += 60
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.provider.tokens == ["refresh 1", "refresh 2"]
    assert here.users["ada"] == promoted, "rights that were not written are asked for again, not a recheck later"


def test_nor_when_the_provider_falls_silent_after_it_has_given_it(here: Here) -> None:
    key = here.arrive()
    here.provider.answer, here.provider.rotated = ProviderDownError("its keys cannot be asked for"), "refresh 2"
    here.clock.now += 900
    assert here.membership.ask(key) == Verified(Identity("ada"))

    here.clock.now += 15
    here.provider.answer, here.provider.rotated = ADA, ""
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.provider.tokens == ["refresh 1", "refresh 2"]


def test_who_may_not_come_in_any_more_is_told_until_the_next_log_in(here: Here) -> None:
    key = here.arrive()
    here.provider.answer = LogInRefusedError("You are in no group.")
    here.clock.now += 900

    assert here.membership.ask(key) == Forbidden("You are in no group.")
    assert here.membership.ask(key) == Forbidden("You are in no group.")
    assert len(here.provider.tokens) == 1
    here.arrive()
    assert here.membership.ask(key) == Verified(Identity("ada"))


def test_who_is_not_known_at_the_provider_any_more_must_log_in_again(here: Here) -> None:
    key = here.arrive()
    here.provider.answer = LogInAgainError("Log in again.")
    here.clock.now += 900

    assert [here.membership.ask(key), here.membership.ask(key)] == [Wrong(), Wrong()]
    assert len(here.provider.tokens) == 1


def test_without_a_refresh_token_only_a_log_in_can_tell(here: Here) -> None:
    key = here.arrive(replace(ADA, refresh_token=""))
    assert here.membership.ask(key) == Verified(Identity("ada"))

    here.clock.now += 900
    assert here.membership.ask(key) == Wrong()


def test_users_go_on_for_a_time_while_the_provider_is_away(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(seconds: float) -> None:
        pytest.fail(f"nobody is asking, so nobody waits {seconds} seconds")

    monkeypatch.setattr("flowship.auth.methods.oidc.members.membership.time.sleep", waits)
    key = here.arrive()
    here.provider.answer = ProviderDownError("it is away")
    here.clock.now += 900

    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert here.membership.ask(key) == Verified(Identity("ada"))
    assert len(here.provider.tokens) == 1, "it was asked in vain just now"
    here.clock.now += 600
    assert isinstance(here.membership.ask(key), Unavailable)
    assert isinstance(here.membership.ask(key), Unavailable)
    here.clock.now += 15
    here.provider.answer = ADA
    assert here.membership.ask(key) == Verified(Identity("ada"))


@pytest.mark.parametrize(
    ("learnt", "outcome"),
    [
        (ADA, Verified(Identity("ada"))),
        (LogInRefusedError("You are in no group."), Forbidden("You are in no group.")),
        (LogInAgainError("Log in again."), Wrong()),
        (None, Unavailable(5)),
    ],
)
def test_of_many_that_would_ask_one_does_and_the_others_wait(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, learnt: Arrived | Exception | None, outcome: object
) -> None:
    here = Here(engine)
    key = here.arrive()
    here.clock.now += 10_000
    assert provider_accounts.begin_to_ask(engine, key, int(here.clock.now), int(here.clock.now) + 60)

    def meanwhile(seconds: float) -> None:
        here.clock.now += seconds
        if isinstance(learnt, Arrived):
            provider_accounts.admitted(engine, key, "sealed", int(here.clock.now))
        elif isinstance(learnt, Exception):
            again = isinstance(learnt, LogInAgainError)
            provider_accounts.turned_away(engine, key, "" if again else str(learnt))

    monkeypatch.setattr("flowship.auth.methods.oidc.members.membership.time.sleep", meanwhile)
    assert here.membership.ask(key) == outcome
    assert here.provider.tokens == []


def test_an_account_that_nobody_has_is_nobodys(here: Here) -> None:
    assert here.membership.ask("made up") == Wrong()
    assert here.membership.given("made up") == Given()


def test_a_long_id_token_is_not_kept() -> None:
    seal = Seal("secret")

    assert seal.opened(seal.closed(Given("refresh", "x" * 100_000))) == Given("refresh")
    assert seal.opened(seal.closed(Given("x" * 100_000, ""))) == Given()
    assert seal.opened("nonsense") == Given()

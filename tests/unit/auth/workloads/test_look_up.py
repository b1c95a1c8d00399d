from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.exceptions import MlflowException

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import SENTENCE
from flowship.auth.memory.looking_up import Lasting, LookUpAuthenticator
from flowship.auth.workloads.look_up import NO_ENTRY, NO_USER, RETRY_AFTER, TOLD_EVERY, WorkloadLookUp, difference
from flowship.auth.workloads.settings import Source
from tests.unit.auth.clock import Clock
from tests.unit.auth.methods.oidc.fake_provider import OTHER_KEY, signed
from tests.unit.auth.workloads.tokens import AUDIENCE, GITHUB, GITLAB, JWKS, KUBERNETES, lasting, trusted

if TYPE_CHECKING:
    from flowship.auth.authenticator import Outcome
    from flowship.auth.generations import Generations
    from flowship.auth.workloads.settings import WorkloadSettings

NOW = 1_800_000_000


def look_up(
    *entries: WorkloadSettings, users: tuple[str, ...] = ("ci", "bot"), clock: Clock | None = None
) -> WorkloadLookUp:
    return WorkloadLookUp(
        entries or (trusted(GITHUB),),
        users.__contains__,
        lambda name: name == "bot",
        clock=clock or Clock(),
        now=lambda: NOW,
    )


def shown(claims: dict[str, Any], name: str = "", **more: Any) -> Credentials:
    return Credentials(name, signed(lasting({**claims, **more}, now=NOW)))


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        (GITHUB, ("repository", "ref")),
        (GITHUB, ("sub",)),
        (GITLAB, ("project_path", "ref_protected")),
        (KUBERNETES, ("sub",)),
    ],
)
def test_a_token_that_fits_an_entry_comes_in_as_its_user(claims: dict[str, Any], names: tuple[str, ...]) -> None:
    found = look_up(trusted(claims, *names))

    expected = Lasting(Verified(Identity("ci", by_token=True)), 300)
    assert found(shown(claims)) == expected
    assert found(shown(claims, "ci")) == expected


def test_an_entry_may_let_only_read() -> None:
    found = look_up(trusted(GITHUB, read_only=True))(shown(GITHUB))

    assert isinstance(found, Lasting)
    assert found.outcome.identity.read_only


def test_claims_inside_objects_are_named_with_dots() -> None:
    wanted = {"kubernetes.io.namespace": ("training",), "kubernetes.io.serviceaccount.name": ("a", "trainer")}

    assert difference(trusted(KUBERNETES, claims=wanted), KUBERNETES) is None
    assert difference(trusted(KUBERNETES, claims=wanted | {"kubernetes.io.node": ("n",)}), KUBERNETES) is not None


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"aud": "https://another.example.com"}, "aud"),
        ({"aud": f"{AUDIENCE}/"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {AUDIENCE: 1}}, "aud"),
        ({"repository": "team/project2"}, "repository"),
        ({"repository": "Team/project"}, "repository"),
        ({"repository": "evil/team/project"}, "repository"),
        ({"repository": None}, "repository"),
        ({"repository": ["team/project"]}, "repository"),
        ({"repository": {"team/project": 1}}, "repository"),
    ],
)
def test_a_token_that_differs_is_refused_and_the_log_says_in_what(
    changed: dict[str, Any], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = look_up(trusted(GITHUB, "repository"))(shown(GITHUB, **changed))

    assert found == Forbidden(NO_ENTRY)
    assert caplog.messages == [f"a token of {GITHUB['iss']} was refused: oidcAuth.workloads[0] wants another {name}"]


def test_the_first_entry_that_fits_names_the_user() -> None:
    found = look_up(
        trusted(GITHUB, claims={"ref": ("refs/heads/other",)}, user="other"),
        trusted(GITHUB, "repository", user="ci"),
        trusted(GITHUB, "sub", user="bot"),
        users=("other", "ci", "bot"),
    )(shown(GITHUB))

    assert isinstance(found, Lasting)
    assert found.outcome.identity.username == "ci"


def test_an_entry_with_keys_of_its_own_is_asked_too() -> None:
    other = '{"keys": []}'
    found = look_up(trusted(GITHUB, source=Source(GITHUB["iss"], "", other, "")), trusted(GITHUB, number=1))

    assert isinstance(found(shown(GITHUB)), Lasting)


def test_keys_of_one_issuer_sign_nothing_for_another() -> None:
    """Each has its own, whatever the token calls them."""
    github = trusted(GITHUB)
    gitlab = trusted(GITLAB, source=Source(GITLAB["iss"], "", f'{{"keys": [{_public(OTHER_KEY)}]}}', ""))
    found = look_up(github, gitlab)

    assert found(shown(GITLAB)) == Wrong()
    assert found(Credentials("", signed(lasting(GITHUB, now=NOW), OTHER_KEY))) == Wrong()
    assert isinstance(found(Credentials("", signed(lasting(GITLAB, now=NOW), OTHER_KEY))), Lasting)


def _public(key: Any) -> str:
    import json

    return json.dumps(dict(key.as_dict(private=False)))


def test_a_token_counts_for_no_other_name(caplog: pytest.LogCaptureFixture) -> None:
    assert look_up()(shown(GITHUB, "ann")) == Wrong()
    assert caplog.messages == [
        f"a token of {GITHUB['iss']} was refused: its request names another user than oidcAuth.workloads[0].user"
    ]


def test_a_user_whom_nobody_made_is_refused_with_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    assert look_up(users=())(shown(GITHUB)) == Forbidden(NO_USER)
    assert caplog.messages == [
        "a token was refused, because there is no user 'ci', as oidcAuth.workloads[0].user has it; make the user with "
        "`flowship users add`, or correct oidcAuth.workloads"
    ]


def test_a_disabled_user_is_refused() -> None:
    assert look_up(trusted(GITHUB, user="bot"))(shown(GITHUB)) == Forbidden(SENTENCE)


def test_a_database_that_is_down_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def has_user(name: str) -> bool:
        raise MlflowException("secret words of the database")

    found = WorkloadLookUp([trusted(GITHUB)], has_user, now=lambda: NOW)(shown(GITHUB))

    assert found == Unavailable(RETRY_AFTER)
    assert caplog.messages == ["no token can be verified, because the users' database failed: INTERNAL_ERROR"]


def test_keys_that_cannot_be_had_are_told(caplog: pytest.LogCaptureFixture) -> None:
    entry = trusted(GITHUB, source=Source(GITHUB["iss"], "", "", "/nowhere/jwks.json"))

    assert look_up(entry)(shown(GITHUB)) == Unavailable(RETRY_AFTER)
    assert caplog.messages[0].startswith(
        f"no token of {GITHUB['iss']} can be verified: /nowhere/jwks.json cannot be read (No such file or directory); "
    )


def test_the_log_tells_the_same_once_in_a_while_and_nothing_that_the_token_says(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    found = look_up(trusted(GITHUB, "repository"), clock=clock)
    with caplog.at_level(logging.DEBUG):
        for number in range(50):
            found(shown(GITHUB, repository=f"evil\n{number}"))
            found(Credentials("", shown(GITHUB).password[:-8] + f"{number:08}"))
    assert len(caplog.messages) == 2
    assert "evil" not in caplog.text
    clock.now += TOLD_EVERY
    found(shown(GITHUB, repository="evil"))
    assert len(caplog.messages) == 3


def test_it_is_verified_once_and_remembered_until_its_end_at_most(generations: Generations) -> None:
    calls: list[Credentials] = []
    once = look_up()

    def counted(credentials: Credentials) -> Lasting | Outcome:
        calls.append(credentials)
        return once(credentials)

    async def asked() -> None:
        remembering = LookUpAuthenticator(counted, 60, generations, name="test")
        credentials = shown(GITHUB)
        for _ in range(3):
            assert await remembering.authenticate(credentials, "") == Verified(Identity("ci", by_token=True))
        assert remembering.remembered(credentials) == Identity("ci", by_token=True)
        ending = Credentials("", signed(lasting(GITHUB, 0, now=NOW)))
        for _ in range(2):
            assert isinstance(await remembering.authenticate(ending, ""), Verified)
        assert remembering.remembered(ending) is None

    asyncio.run(asked())
    assert len(calls) == 3


def test_what_is_no_token_of_a_trusted_issuer_is_wrong() -> None:
    for token in ("", "eyJ", shown(KUBERNETES).password):
        assert look_up()(Credentials("", token)) == Wrong()
    assert JWKS

"""What a browser, the log and the metrics are told of log-ins at a provider."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from flowship.auth.elsewhere import Parts
from flowship.auth.methods.oidc.members.logging_in import LoggingIn
from flowship.auth.methods.oidc.members.membership import Membership
from flowship.auth.methods.oidc.members.sealing import Seal
from flowship.auth.methods.oidc.pages import FROM_A_NETWORK, ProviderPages
from flowship.database.own_tables import provider_accounts, provider_log_ins
from tests.unit.auth.methods.oidc.fake_provider import FakeProvider, fake_provider
from tests.unit.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping, Sequence

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.elsewhere import Send

CLIENT = "192.0.2.9"


class Site:
    """The pages with a provider, and what they told."""

    def __init__(self, provider: FakeProvider, engine: Engine) -> None:
        self.provider, self.engine = provider, engine
        self.refused: list[tuple[int, str]] = []
        self.observed: list[tuple[str, str, str]] = []
        logging_in = LoggingIn(provider.settings())
        seal = Seal("secret")
        membership = Membership(lambda: engine, logging_in, seal, lambda name: False, lambda name, user: None)
        parts = Parts("", self._begin, self._refuse, lambda *attempt: self.observed.append(attempt))
        self.pages = ProviderPages(logging_in, membership, parts, lambda: engine)

    async def _begin(self, scope: Scope, identity: Identity, login: str) -> Sequence[tuple[bytes, bytes]]:
        return [(b"set-cookie", f"session={identity.username}".encode())]

    async def _refuse(self, back: str, sentence: str, status: int, scope: Scope, send: Send) -> None:
        self.refused.append((status, sentence))

    def begin(self) -> dict[str, str]:
        """Begin a log-in; gives the state that the provider sends back, and the browser's cookie."""
        headers = dict(asked(self.pages.begin, "/login/oidc"))
        state = parse_qs(urlsplit(headers["location"]).query)["state"][0]
        return {"state": state, "cookie": headers["set-cookie"].partition(";")[0]}

    def kept(self) -> int | None:
        """Tell how many log-ins have begun."""
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM flowship_provider_log_ins")).scalar()

    def take_back(self, state: str, cookie: str, more: str) -> list[tuple[str, str]]:
        """Come back from the provider; gives the headers of the answer."""
        return asked(self.pages.take_back, "/login/oidc/callback", f"state={state}{more}", cookie)


def request(path: str, query: str = "", cookie: str = "") -> Scope:
    headers = [(b"host", b"127.0.0.1:5000"), (b"cookie", cookie.encode())]
    return {
        **{"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": query.encode()},
        **{"headers": headers, "client": (CLIENT, 1)},
    }


def asked(page: Any, path: str, query: str = "", cookie: str = "") -> list[tuple[str, str]]:
    """Ask for a page, and give the headers of its answer."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(page(request(path, query, cookie), None, send))
    return [(name.decode(), value.decode()) for message in sent for name, value in message.get("headers", ())]


@pytest.fixture
def site() -> Iterator[Site]:
    with fake_provider() as provider, in_memory() as engine:
        provider_accounts.create(engine)
        provider_log_ins.create(engine)
        yield Site(provider, engine)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("", "no code"),
        ("&code=", "no code"),
        ("&error=access_denied", "access_denied"),
        ("&error=", "another error"),
        ("&error=no%20code", "another error"),
        ("&error=%3Cb%3E%0A", "another error"),
        (f"&error={'a' * 50}", "another error"),
    ],
)
def test_the_log_says_what_the_provider_answered_instead_of_a_code(
    site: Site, caplog: pytest.LogCaptureFixture, answer: str, word: str
) -> None:
    site.take_back(**site.begin(), more=answer)

    assert caplog.messages == [f"a log-in at the provider is refused: the provider answers {word}"]
    assert site.refused == [(403, "The provider did not let you in. Sign in again, or ask an administrator.")]
    assert site.observed == [("forbidden", "", CLIENT)]


AWAY: tuple[int, dict[str, str], bytes] = (503, {}, b"")
NOT_ASKED = "The provider cannot be asked at the moment. Try again in a few seconds."


def test_who_cannot_be_sent_to_the_provider_has_failed_to_log_in(site: Site) -> None:
    site.provider.raw["/.well-known/openid-configuration"] = AWAY
    asked(site.pages.begin, "/login/oidc")

    assert site.refused == [(503, NOT_ASKED)]
    assert site.observed == [("unavailable", "", CLIENT)]


def test_log_ins_that_are_begun_in_masses_are_slowed_before_anything_is_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FROM_A_NETWORK):
        asked(site.pages.begin, "/login/oidc")
    before = site.kept()
    assert site.refused == []

    for _ in range(5):
        asked(site.pages.begin, "/login/oidc")
    assert {status for status, _ in site.refused} == {429}
    assert "Too many log-ins were begun from where you are. Try again in " in site.refused[0][1]
    assert site.kept() == before
    assert site.observed == []
    monkeypatch.setattr(f"{__name__}.CLIENT", "198.51.100.7")
    assert site.begin()["state"]


def test_a_log_out_while_the_provider_is_away_is_no_log_in(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.provider.raw["/.well-known/openid-configuration"] = AWAY

    assert asyncio.run(site.pages.leave(request("/logout"), "oidc:an account")) == ""
    assert [message.partition(":")[0] for message in caplog.messages] == ["nobody can log in at the provider"]
    assert site.observed == []

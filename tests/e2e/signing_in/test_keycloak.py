"""People sign in at Keycloak, whose administrator changes users, groups and keys while they work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from flowship.auth.methods.oidc.check import checks
from flowship.auth.methods.oidc.provider.settings import provider_settings
from flowship.values.model.root import Values
from tests.e2e.cluster import until
from tests.e2e.signing_in.keycloak import PASSWORD
from tests.integration.single_sign_on import USERS, who

if TYPE_CHECKING:
    from tests.e2e.signing_in.conftest import KeycloakSite


@pytest.fixture
def site(keycloak_site: KeycloakSite) -> KeycloakSite:
    return keycloak_site


def test_groups_say_who_comes_in_as_what(site: KeycloakSite) -> None:
    site.make_role("readers")
    assert who(site.signed_in("ada")) == (200, "ada", False)
    assert site.roles("ada") == ["readers"]
    assert who(site.signed_in("grace")) == (200, "grace", True)

    browser = site.browser()
    refused = browser.go("/login/oidc", login="eve")
    assert refused.status_code == 403
    assert "you are in none of the groups that may use this server" in refused.text
    assert who(browser)[0] == 401
    assert site.admin("GET", f"{USERS}/get?username=eve").status_code == 404


def test_check_live_finds_it_and_says_when_its_authority_is_not_trusted(site: KeycloakSite) -> None:
    def found(**more: str) -> list[tuple[bool, str]]:
        values = Values.model_validate({"oidcAuth": site.provider.values(**more)})
        return [(check.works, check.sentence) for check in checks(provider_settings(values))]

    assert [works for works, _ in found()] == [True, True, True]
    assert [works for works, _ in found(clientSecret="another")] == [True, True, False]
    ((works, sentence),) = found(issuerCA="")
    assert (works, "give the CA's in oidcAuth.issuerCA" in sentence) == (False, True)


def test_who_leaves_a_group_while_logged_in_is_let_in_no_more(site: KeycloakSite) -> None:
    browser = site.signed_in("tom")
    site.provider.take_out_of("tom", "mlflow")
    assert who(browser)[0] == 200, "it is not asked again yet"

    site.long_ago()
    assert who(browser)[0] == 403
    assert "The provider names no group of yours" in who(browser)[1]  # Keycloak leaves the claim out then
    site.provider.put_into("tom", "mlflow")
    assert who(site.signed_in("tom")) == (200, "tom", False)


def test_who_becomes_an_admin_while_logged_in_is_one_once_it_is_asked_again(site: KeycloakSite) -> None:
    browser = site.signed_in("tom")
    site.provider.put_into("tom", "mlflow-admin")
    site.long_ago()
    assert who(browser) == (200, "tom", True)

    site.provider.take_out_of("tom", "mlflow-admin")
    site.long_ago()
    assert who(browser) == (200, "tom", False)


def test_who_is_disabled_must_sign_in_again_and_cannot(site: KeycloakSite) -> None:
    browser = site.signed_in("max")
    site.provider.change_user("max", enabled=False)
    site.long_ago()

    assert who(browser)[0] == 401
    assert browser.go("/").url.endswith("/login")
    refused = site.browser().go("/login/oidc", login="max")
    assert refused.url.startswith(site.provider.issuer)
    assert "Account is disabled" in refused.text


def test_a_session_that_its_administrator_ends_ends_here(site: KeycloakSite) -> None:
    browser = site.signed_in("mary")
    site.provider.end_sessions("mary")
    site.long_ago()

    assert who(browser)[0] == 401
    assert who(site.signed_in("mary"))[0] == 200


def test_refresh_tokens_that_are_good_once_are_sent_once_and_the_next_one_is_kept(site: KeycloakSite) -> None:
    """The realm revokes a token that was used, and ends the session when one comes twice."""
    browser = site.signed_in("ada")
    for _ in range(3):
        site.long_ago()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda number: who(browser)[0], range(16))) == [200] * 16
    assert site.provider.sessions("ada") >= 1


def test_two_browsers_of_one_user_both_go_on(site: KeycloakSite) -> None:
    first, second = site.signed_in("joan"), site.signed_in("joan")
    for browser in (first, second, first, second):
        site.long_ago()
        assert who(browser)[0] == 200


def test_log_out_ends_the_session_here_and_there(site: KeycloakSite) -> None:
    browser = site.signed_in("grace")
    site.provider.end_sessions("grace")
    browser = site.signed_in("grace")
    assert site.provider.sessions("grace") == 1
    answer = browser.post(
        f"{site.server.address}/logout", headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False, timeout=60
    )
    assert answer.status_code == 200

    arrived = browser.go(answer.headers["refresh"].removeprefix("0; url="))
    assert arrived.url == f"{site.server.address}/login?out=1"
    assert "You have logged out" in arrived.text
    assert site.provider.sessions("grace") == 0
    assert who(browser)[0] == 401


def test_keys_that_are_rotated_and_withdrawn_log_nobody_out(site: KeycloakSite) -> None:
    browser = site.signed_in("ada")
    before = site.provider.signing_keys()
    site.provider.add_key("newer", "rsa-generated", 200)
    assert len(site.provider.signing_keys() - before) == 1

    # A key that is not known is asked for at most every ten seconds.
    until(lambda: site.browser().go("/login/oidc", login="ada").status_code == 200, "the new key is known")
    site.provider.withdraw_other_keys("newer")
    assert not site.provider.signing_keys() & before
    assert who(site.signed_in("ada"))[0] == 200
    site.long_ago()
    assert who(browser)[0] == 200


def test_a_key_that_expires_logs_nobody_out(site: KeycloakSite) -> None:
    """Keycloak signs with it no more, but publishes it; its certificate is nobody's business here."""
    site.provider.add_key("expiring", "rsa", 300, **key_until(datetime.now(UTC) + timedelta(seconds=60)))
    expiring = site.provider.signing_key()
    until(lambda: site.browser().go("/login/oidc", login="ada").status_code == 200, "the key is known")
    browser = site.signed_in("ada")

    until(lambda: site.provider.signing_key() != expiring, "Keycloak takes the key for expired")
    assert who(site.signed_in("ada"))[0] == 200
    site.long_ago()
    assert who(browser)[0] == 200


def key_until(end: datetime) -> dict[str, str]:
    """A key with a certificate that ends then, as Keycloak takes it."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "expiring")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=1))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"privateKey": private.decode(), "certificate": certificate.public_bytes(pem).decode()}


def test_nothing_secret_is_in_the_log(site: KeycloakSite) -> None:
    browser = site.signed_in("ada")
    log = site.server.log()

    assert site.provider.secret not in log
    assert PASSWORD not in log
    assert "code=" not in log
    assert browser.cookies["flowship_session"] not in log

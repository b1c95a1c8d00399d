from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from flowship.auth.methods.oidc.provider.asking import Provider
from flowship.auth.methods.oidc.provider.authorization import LogIn, address
from flowship.auth.methods.oidc.provider.discovery import discovered
from flowship.auth.methods.oidc.provider.errors import ProviderSetupError
from flowship.auth.methods.oidc.provider.settings import ProviderSettings, provider_settings
from flowship.values.model.root import Values
from tests.effects import shows
from tests.unit.auth.methods.oidc import recorded

OIDC: dict[str, Any] = {
    "enabled": True,
    "discoveryUrl": recorded.KEYCLOAK_URL,
    "clientId": "mlflow",
    "clientSecret": "sécret",
}


def settings(auth: dict[str, Any] | None = None, **oidc: Any) -> ProviderSettings:
    values: dict[str, Any] = {"oidcAuth": {**OIDC, **oidc}, **({"auth": auth} if auth else {})}
    return provider_settings(Values.model_validate(values))


def test_they_cross_to_the_servers_process_as_json() -> None:
    found = settings(roles={"a": "b"})

    assert ProviderSettings.model_validate_json(found.model_dump_json()) == found
    assert "sécret" not in repr(found)


@pytest.mark.parametrize("scope", ["openid,email,profile", "openid email profile", " openid, email,profile "])
def test_a_scope_may_have_commas_or_spaces(scope: str) -> None:
    assert settings(scope=scope).scopes == ("openid", "email", "profile")


def test_the_defaults_are_those_of_chart_1_11_5_where_they_are_safe() -> None:
    found = settings()

    assert (found.groups_claim, found.groups, found.admin_groups) == ("groups", ("mlflow",), ("mlflow-admin",))
    assert (found.scopes, found.display_name) == (("openid", "email", "profile"), "Login with OIDC")
    assert (found.name_claim, found.adopt, found.reserved) == ("email", False, ())


def test_nobody_at_the_provider_has_the_name_of_the_admin() -> None:
    admin = {"enabled": True, "adminUsername": "Root", "adminPassword": "a long password"}

    assert settings(admin).reserved == ("root",)


def test_nobody_at_the_provider_has_the_name_of_a_workload() -> None:
    """Or what an admin grants to a job would be granted to whoever calls herself so."""
    job = {
        "issuer": "https://ci.example.com",
        "audience": "https://mlflow.example.com",
        "claims": {"sub": "project"},
        "user": "CI",
    }

    assert settings(workloads=[job]).reserved == ("ci",)


@shows("oidcAuth.audience")
def test_the_provider_is_asked_for_an_audience() -> None:
    provider = discovered(recorded.KEYCLOAK, recorded.KEYCLOAK_URL)
    url = address(
        provider, settings(audience="https://api.example.com"), LogIn(), "https://mlflow.example.com/callback"
    )

    assert parse_qs(urlsplit(url).query)["audience"] == ["https://api.example.com"]


@shows("oidcAuth.issuer")
def test_a_provider_may_have_another_name_than_its_address_says() -> None:
    issuer = recorded.ENTRA_V1["issuer"]
    given = settings(discoveryUrl=recorded.ENTRA_V1_URL, issuer=issuer)

    assert discovered(recorded.ENTRA_V1, given.discovery_url, given.issuer).issuer == issuer
    with pytest.raises(ProviderSetupError):
        discovered(recorded.ENTRA_V1, recorded.ENTRA_V1_URL, settings().issuer)


@shows("oidcAuth.issuerCA")
def test_the_authority_of_the_values_alone_is_trusted() -> None:
    authority = trustme.CA()
    given = settings(issuerCA=authority.cert_pem.bytes().decode())
    context = Provider(given.ca)._context

    assert [each["subject"] for each in context.get_ca_certs()] == [
        each["subject"] for each in ssl.create_default_context(cadata=given.ca).get_ca_certs()
    ]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname

"""What may not be combined in `oidcAuth`, and beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.server.access import BASIC_APP, BASIC_AUTHORIZATION
from flowship.values.model.server.oidc import WELL_KNOWN
from flowship.values.rules.language.conditions import any_given, given, has_path, matches
from flowship.values.rules.language.rule import Rule, required
from flowship.values.rules.server.access import SIGNED_IN, SWITCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

ENABLED, WORKLOADS = "oidcAuth.enabled", "oidcAuth.workloads"
_OIDC = given(ENABLED)
OWN_PAGES = ("/login", "/login/oidc", "/logout", "/tokens")
"""Pages of this server's own, after the static prefix: of one that had another's path, one would not be reached."""


def single_sign_on() -> Iterator[Rule]:
    """A provider that can be used, and users who may come in."""
    secret = "oidcAuth.existingSecret.name"  # noqa: S105 - a key, not a secret
    yield required("oidcAuth", "discoveryUrl", "the address of the provider's discovery document")
    yield required("oidcAuth", "clientId", "how this server is called at the provider")
    yield required("oidcAuth", "clientSecret", f"the client's secret, or name a Secret in {secret}", given(secret))
    yield required("oidcAuth", "usernameClaim", "the claim that holds a user's name, such as `email`")
    yield required("oidcAuth", "groupsAttribute", "the claim that holds a user's groups, such as `groups`")
    groups = ("oidcAuth.groupName", "oidcAuth.adminGroupName")
    yield Rule(
        groups,
        _OIDC & ~any_given(*groups),
        "both are empty, so nobody could log in. Write at least one group.",
    )
    yield Rule(
        ("oidcAuth.discoveryUrl", "oidcAuth.issuer"),
        _OIDC
        & given("oidcAuth.discoveryUrl")
        & ~given("oidcAuth.issuer")
        & ~matches("oidcAuth.discoveryUrl", WELL_KNOWN.replace(".", r"\.") + r"\z"),
        f"the first does not end in `{WELL_KNOWN}`, so it does not tell who the provider is. Write its whole address, "
        "or the provider's name in the second.",
    )
    yield Rule(
        ("oidcAuth.redirectUri",),
        _OIDC & has_path("oidcAuth.redirectUri", "extraArgs.staticPrefix", *OWN_PAGES),
        "is the address of another page of this server, so nobody could come back there. Write another path, such as "
        "`/login/oidc/callback`, here and at the provider.",
    )
    yield Rule(
        ("oidcAuth.scope",),
        _OIDC & ~matches("oidcAuth.scope", r"(^|[ ,])openid([ ,]|\z)"),
        "does not hold `openid`, without which a provider does not say who has signed in. Write it, too.",
    )
    yield from _beside(ENABLED, "Set the first to false, or write that.")
    yield from _with_a_session()


def workloads() -> Iterator[Rule]:
    """Trusted issuers beside what knows MLflow's users."""
    yield Rule(
        (WORKLOADS, *SWITCHES),
        given(WORKLOADS) & ~SIGNED_IN,
        "the first needs one of the others, because without users everybody may do everything. Set one of them to "
        "true, or empty the first.",
    )
    yield from _beside(WORKLOADS, "Empty the first, or write that.")


def _beside(switch: str, otherwise: str) -> Iterator[Rule]:
    for key, own in (("auth.appName", BASIC_APP), ("auth.authorizationFunction", BASIC_AUTHORIZATION)):
        yield Rule(
            (switch, key),
            given(switch) & given("auth.enabled", key) & ~matches(key, rf"^{own}\z"),
            f"the first needs `{own}` in the second, because your own code would decide who sends a request. "
            f"{otherwise}",
        )


def _with_a_session() -> Iterator[Rule]:
    yield Rule(
        (ENABLED, "sessions.enabled"),
        _OIDC & ~given("sessions.enabled"),
        "the first needs the second, because who comes from the provider is given a session. Set it to true.",
    )

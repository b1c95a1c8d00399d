"""What a provider says of itself: the discovery document of OpenID Connect, and what of it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.auth.methods.oidc.provider.asking import is_safe
from flowship.auth.methods.oidc.provider.errors import ProviderSetupError
from flowship.values.model.server.oidc import WELL_KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""With which id tokens may be signed: all by a pair of keys, so that none can be made with what is public. `none` is
none of them, and neither is HMAC."""
DEFAULT_ALGORITHM = "RS256"

SECRET_IN_HEADER, SECRET_IN_FORM = "client_secret_basic", "client_secret_post"
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


@dataclass(frozen=True)
class Discovered:
    """A provider, as it says itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    algorithms: tuple[str, ...] = (DEFAULT_ALGORITHM,)
    secret_in_header: bool = True
    """Whether the client's secret goes into a header, and not into the form."""
    names_issuer: bool = False
    """Whether it says in each answer who it is (RFC 9207)."""


def discovered(document: Mapping[str, Any], url: str, issuer: str = "") -> Discovered:
    """Read a discovery document that was found at `url`; `issuer` is the issuer where the URL does not tell.

    Raises:
        ProviderSetupError: it is not one that can be used; the sentence says what to change.
    """
    for name in _NEEDED:
        if not isinstance(document.get(name), str) or not document[name]:
            raise ProviderSetupError(f"{url} does not name its {name}; see whether oidcAuth.discoveryUrl is right")
    _check_issuer(document["issuer"], url, issuer)
    found = {name: document[name] for name in (*_NEEDED, *_OPTIONAL) if isinstance(document.get(name), str)}
    for name, address in found.items():
        if name != "issuer" and not is_safe(address):
            raise ProviderSetupError(f"{url}: its {name}, {address}, is neither https nor on this machine")
    _check_offer(document, url)
    return Discovered(
        **found,
        algorithms=_algorithms(document, url),
        secret_in_header=_secret_in_header(document, url),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _check_issuer(found: str, url: str, issuer: str) -> None:
    if "{" in found:
        raise ProviderSetupError(
            f"{url} is for the users of every tenant (its issuer is {found}); write your tenant's id in the place of "
            "`common` or `organizations` in oidcAuth.discoveryUrl"
        )
    # The specification takes a slash at the issuer's end away before the ending is put there.
    if found == issuer or (not issuer and url.endswith(WELL_KNOWN) and _same(found, url.removesuffix(WELL_KNOWN))):
        return
    wanted = issuer or url.removesuffix(WELL_KNOWN)
    raise ProviderSetupError(
        f"{url} says that its issuer is {found}, not {wanted}; correct oidcAuth.discoveryUrl, or, if that is the "
        "provider's true name, write it in oidcAuth.issuer"
    )


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _check_offer(document: Mapping[str, Any], url: str) -> None:
    kinds = _texts(document, "response_types_supported")
    if kinds and "code" not in kinds:
        raise ProviderSetupError(f"{url} does not offer the authorization code flow; allow it at the provider")
    ways = _texts(document, "code_challenge_methods_supported")
    if ways and "S256" not in ways:
        raise ProviderSetupError(f"{url} does not offer PKCE with S256; allow it at the provider")


def _algorithms(document: Mapping[str, Any], url: str) -> tuple[str, ...]:
    offered = _texts(document, "id_token_signing_alg_values_supported") or [DEFAULT_ALGORITHM]
    usable = tuple(name for name in ALGORITHMS if name in offered)
    if not usable:
        raise ProviderSetupError(
            f"{url} signs id tokens with {', '.join(offered)} only; choose RS256 or ES256 at the provider"
        )
    return usable


def _secret_in_header(document: Mapping[str, Any], url: str) -> bool:
    ways = _texts(document, "token_endpoint_auth_methods_supported") or [SECRET_IN_HEADER]
    if SECRET_IN_HEADER not in ways and SECRET_IN_FORM not in ways:
        raise ProviderSetupError(
            f"{url} takes clients by {', '.join(ways)} only; allow {SECRET_IN_HEADER} at the provider"
        )
    return SECRET_IN_HEADER in ways


def _texts(document: Mapping[str, Any], name: str) -> list[str]:
    found = document.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

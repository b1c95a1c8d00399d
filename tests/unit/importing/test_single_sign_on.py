from __future__ import annotations

from typing import Any

import pytest

from flowship.importing.conversion import Imported, imported
from flowship.importing.recognition import CHARTS
from flowship.importing.single_sign_on import (
    CLIENT_ID_ELSEWHERE,
    NO_CACHE,
    OTHER_TABLES,
    OTHER_USERS,
    OWN_COOKIE,
    PROXY_IS_OIDC,
    PROXY_OPTIONS,
    PROXY_WITHOUT_ISSUER,
)
from flowship.importing.table import SUPERSEDED

DISCOVERY = "https://id.example.com/.well-known/openid-configuration"
PLUGIN: dict[str, Any] = {
    "enabled": True,
    "discoveryUrl": DISCOVERY,
    "clientId": "runs",
    "clientSecret": "hunter2-hunter2",
    "groupName": ["team"],
}


def successor(**values: Any) -> Imported:
    return imported(CHARTS["1.11.5"], {"service": {"port": 80}, **values})


def said(result: Imported) -> dict[str, str]:
    return {note.key: note.sentence for note in (*result.left_out, *result.remarks)}


def test_the_plugins_keys_stay_and_what_differs_is_said() -> None:
    result = successor(oidcAuth=PLUGIN)

    assert result.values == {"service": {"port": 80}, "oidcAuth": PLUGIN}
    assert result.complete
    assert said(result) == {"oidcAuth.enabled": OTHER_USERS}
    assert "READ; that chart let everybody manage everything" in OTHER_USERS


def test_a_plugin_that_is_off_is_left_out() -> None:
    keys = {
        **PLUGIN,
        "enabled": False,
        "defaultPermission": "EDIT",
        "cache": {"enabled": True},
        "database": {"uri": "a"},
    }
    result = successor(oidcAuth=keys)

    assert result.complete
    assert result.values.get("oidcAuth", {}) == {"enabled": False}


@pytest.mark.parametrize(
    ("more", "values", "notes"),
    [
        ({"defaultPermission": "EDIT"}, {"auth": {"defaultPermission": "EDIT"}}, {}),
        ({"defaultPermission": "MANAGE"}, {}, {"oidcAuth.defaultPermission": SUPERSEDED}),
        ({"trustedProxies": ["10.0.0.0/8"]}, {"trustedProxies": ["10.0.0.0/8"]}, {}),
        ({"sessionCookieSecure": False}, {}, {"oidcAuth.sessionCookieSecure": OWN_COOKIE}),
        ({"sessionCookieSamesite": "strict"}, {}, {"oidcAuth.sessionCookieSamesite": OWN_COOKIE}),
        ({"sessionCookieSecure": True, "sessionCookieSamesite": "lax"}, {}, {}),
        ({"cache": {"enabled": True, "redisUrl": "redis://a"}}, {}, {"oidcAuth.cache.enabled": NO_CACHE}),
        ({"database": {"uri": "sqlite:///a.db"}}, {}, {"oidcAuth.database.uri": OTHER_TABLES}),
        (
            {"database": {"postgres": {"enabled": True, "host": "a"}}},
            {},
            {"oidcAuth.database.postgres.enabled": OTHER_TABLES},
        ),
    ],
)
def test_what_has_another_place_or_none(more: dict[str, Any], values: dict[str, Any], notes: dict[str, str]) -> None:
    result = successor(oidcAuth={**PLUGIN, **more})

    assert result.values == {"service": {"port": 80}, "oidcAuth": PLUGIN, **values}
    assert said(result) == {"oidcAuth.enabled": OTHER_USERS, **notes}


def test_a_secret_of_the_plugins_stays_one() -> None:
    result = successor(oidcAuth={**PLUGIN, "existingSecret": {"name": "oidc", "clientSecretKey": "key"}})

    assert result.values["oidcAuth"]["existingSecret"] == {"name": "oidc", "clientSecretKey": "key"}
    assert "clientSecret" not in result.values["oidcAuth"]


def test_a_proxy_becomes_oidc_auth_and_its_groups_are_asked_for() -> None:
    proxy = {
        "enabled": True,
        "image": {"tag": "v7"},
        "cookieSecret": "a-cookie",
        "provider": {
            "issuerURL": "https://id.example.com/",
            "clientID": "runs",
            "clientSecret": "hunter2-hunter2",
            "redirectURL": "https://runs.example.com/oauth2/callback",
        },
    }
    result = successor(oauth2Proxy=proxy)

    assert result.values["oidcAuth"] == {
        "enabled": True,
        "discoveryUrl": DISCOVERY,
        "clientId": "runs",
        "clientSecret": "hunter2-hunter2",
        "redirectUri": "https://runs.example.com/oauth2/callback",
    }
    assert result.complete
    assert said(result) == {"oauth2Proxy.enabled": PROXY_IS_OIDC}


def test_what_a_proxy_had_in_a_secret_stays_there_but_for_the_clients_name() -> None:
    proxy = {"enabled": True, "provider": {"issuerURL": "https://id.example.com"}, "existingSecret": {"name": "proxy"}}
    result = successor(oauth2Proxy=proxy)

    assert result.values["oidcAuth"]["existingSecret"] == {"name": "proxy", "clientSecretKey": "client-secret"}
    assert said(result)["oauth2Proxy.existingSecret.clientIDKey"] == CLIENT_ID_ELSEWHERE


def test_a_login_that_is_lost_is_said_to_be() -> None:
    result = successor(oauth2Proxy={"enabled": True, "provider": {"name": "github"}, "extraArgs": ["--a=b"]})

    assert not result.complete
    assert said(result) == {"oauth2Proxy.enabled": PROXY_WITHOUT_ISSUER, "oauth2Proxy.extraArgs": PROXY_OPTIONS}
    assert PROXY_WITHOUT_ISSUER.endswith("nobody has to log in.")


def test_a_proxy_that_is_off_means_nothing() -> None:
    result = successor(oauth2Proxy={"enabled": False, "provider": {"issuerURL": "https://a"}, "extraArgs": ["--a=b"]})

    assert (result.values, said(result)) == ({"service": {"port": 80}}, {})

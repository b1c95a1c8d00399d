from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from flowship.auth.workloads.settings import workload_settings
from flowship.errors import MissingExtraError
from flowship.server.plan.settings import ProcessSettings
from flowship.values.model.root import Values
from flowship.values.reading.reading import defaults, with_empty_values
from flowship.values.rules.refusals import judged
from tests.unit.auth.workloads.tokens import KUBERNETES

JWKS = {"keys": [{"kty": "RSA"}]}
ENTRY: dict[str, Any] = {
    "issuer": KUBERNETES["iss"],
    "audience": "https://mlflow.example.com",
    "claims": {"sub": "system:serviceaccount:training:trainer", "kubernetes.io.namespace": ["training", "test"]},
    "user": "trainer",
    "readOnly": True,
    "jwks": JWKS,
}
NO_CLAIMS = (
    "is empty, so whoever gets a token of the issuer, with GitHub everybody, could come in. Write claims and their "
    'texts, such as `repository: "team/project"` or `sub: "system:serviceaccount:training:trainer"`.'
)
NO_ISSUER = (
    "is not an issuer whose keys could be asked for safely. Write it as its tokens have it in `iss`, such as "
    "`https://token.actions.githubusercontent.com`; `http://` is for localhost only."
)
NO_AUDIENCE = (
    "is empty, so a token that was made for another server would be taken. Write what the job asks for, such as "
    "`https://mlflow.example.com`."
)
SEVERAL = (
    "gives several of jwks, jwksFile and issuerCA, of which one only would be used. Keep jwks or jwksFile where the "
    "issuer's keys cannot be asked for, else issuerCA."
)


def values(**changed: Any) -> dict[str, Any]:
    entry = {name: value for name, value in (ENTRY | changed).items() if value is not None}
    data = defaults()
    data["ldapAuth"]["enabled"] = False
    data["auth"] |= {"enabled": True, "adminUsername": "ann", "adminPassword": "open sesame!"}
    data["oidcAuth"]["workloads"] = [entry]
    return {**with_empty_values(Values, data)}


def test_the_server_is_told_what_the_values_say() -> None:
    (found,) = workload_settings(Values.model_validate(values()))

    assert found.place == "oidcAuth.workloads[0]"
    assert found.source == (KUBERNETES["iss"], "", '{"keys": [{"kty": "RSA"}]}', "")
    assert found.claims == {
        "sub": ("system:serviceaccount:training:trainer",),
        "kubernetes.io.namespace": ("training", "test"),
    }
    assert (found.audience, found.user, found.read_only) == ("https://mlflow.example.com", "trainer", True)
    settings = ProcessSettings(host="127.0.0.1", port=1, workloads=(found,))
    assert ProcessSettings.model_validate_json(settings.model_dump_json()).workloads == (found,)


def test_what_verifies_tokens_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Values.model_validate(values())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"oidcAuth\.workloads needs libraries .*pip install .*'joserfc"):
        workload_settings(found)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"claims": {}}, f".claims: {NO_CLAIMS}"),
        ({"claims": {"sub": ""}}, f".claims: {NO_CLAIMS}"),
        ({"claims": {"sub": []}}, f".claims: {NO_CLAIMS}"),
        (
            {"claims": {"repository_id": 74}},
            ".claims.repository_id: must be text or a list, not a number. Put it in quotes.",
        ),
        ({"claims": None}, ".claims: is missing. Every item needs one."),
        ({"issuer": "http://id.example.com"}, f".issuer: {NO_ISSUER}"),
        ({"issuer": ""}, f".issuer: {NO_ISSUER}"),
        ({"issuer": "https://id.example.com\nx"}, f".issuer: {NO_ISSUER}"),
        ({"audience": ""}, f".audience: {NO_AUDIENCE}"),
        ({"audience": None}, ".audience: is missing. Every item needs one."),
        (
            {"user": "a:b"},
            ".user: is no name that a user of MLflow's can have. Write that of a user, such as `ci`; it holds no `:`.",
        ),
        (
            {"jwks": {}, "jwksFile": "jwks.json"},
            ".jwksFile: is not a path from the root. Write one such as `/etc/issuer/jwks.json`.",
        ),
        ({"jwksFile": "/jwks.json"}, f": {SEVERAL}"),
        (
            {"jwks": {"kty": "RSA"}},
            ": jwks is no set of keys. Write what the issuer publishes, which begins with `keys`.",
        ),
        (
            {"jwks": {}, "issuerCA": "LS0t"},
            ".issuerCA: is no certificate. Write that of the CA in PEM, from `-----BEGIN CERTIFICATE-----` on.",
        ),
        ({"jwksfile": "x"}, ".jwksfile: is not a known key. Did you mean oidcAuth.workloads[0].jwksFile?"),
    ],
)
def test_an_entry_that_would_not_do_is_refused_in_these_words(changed: dict[str, Any], sentence: str) -> None:
    data = values(**changed)
    (found,) = judged(data, data)[1]

    assert found.sentence.startswith(f"oidcAuth.workloads[0]{sentence}")

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from flowship.auth.methods.oidc.provider.asking import Answer
from flowship.auth.methods.oidc.provider.errors import ProviderDownError
from flowship.auth.methods.oidc.provider.keys import ASKED_AGAIN_AFTER, KEPT_FOR, Keys, public_keys
from tests.unit.auth.clock import Clock
from tests.unit.auth.methods.oidc.fake_provider import KEY


class Published:
    """Gives the keys that a provider publishes now, and counts who asks."""

    def __init__(self, *kids: str) -> None:
        self.kids, self.asked, self.down = list(kids), 0, False

    def __call__(self) -> Answer:
        self.asked += 1
        if self.down:
            raise ProviderDownError("it is down")
        keys = [{**KEY.as_dict(private=False), "kid": kid} for kid in self.kids]
        return Answer("https://id.example.com/keys", 200, json.dumps({"keys": keys}).encode())


def names(keys: Keys, kid: str | None) -> list[str | None]:
    return [key.kid for key in keys.fitting("RS256", kid)]


def test_keys_are_asked_for_once() -> None:
    published = Published("a", "b")
    keys = Keys(published, Clock())

    assert (names(keys, "a"), names(keys, "b"), names(keys, None)) == (["a"], ["b"], ["a", "b"])
    assert published.asked == 1


def test_a_new_key_is_found_when_a_token_names_it() -> None:
    published, clock = Published("old"), Clock()
    keys = Keys(published, clock)
    assert names(keys, "old") == ["old"]
    clock.now += ASKED_AGAIN_AFTER
    published.kids = ["new"]

    assert names(keys, "new") == ["new"]
    assert names(keys, "old") == []
    assert published.asked == 2


def test_names_that_somebody_makes_up_are_not_asked_for_each_time() -> None:
    published, clock = Published("a"), Clock()
    keys = Keys(published, clock)

    for number in range(100):
        assert names(keys, f"made up {number}") == []
    assert published.asked == 1
    clock.now += ASKED_AGAIN_AFTER
    for number in range(100):
        assert names(keys, f"made up {number}") == []
    assert published.asked == 2


def test_a_key_that_was_withdrawn_is_not_believed_for_ever() -> None:
    published, clock = Published("a", "stolen"), Clock()
    keys = Keys(published, clock)
    assert names(keys, "stolen") == ["stolen"]
    published.kids = ["a"]
    clock.now += KEPT_FOR

    assert names(keys, "stolen") == []


def test_a_provider_that_is_down_is_no_wrong_token() -> None:
    published = Published("a")
    published.down = True

    with pytest.raises(ProviderDownError):
        Keys(published, Clock()).fitting("RS256", "a")


@pytest.mark.parametrize(
    "given",
    [
        OctKey.generate_key(256).as_dict(),
        {**KEY.as_dict(private=False), "use": "enc"},
        {**KEY.as_dict(private=False), "n": "q" * 171},
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": "none", "x": "a", "y": "b"},
        {"kty": "new", "x": "a"},
        {},
        "a text",
        None,
    ],
)
def test_what_cannot_verify_is_left_out_and_the_rest_is_used(given: Any) -> None:
    found = public_keys({"keys": [given, KEY.as_dict(private=False)]})

    assert [key.kid for key in found] == ["one"]


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": "a"}])
def test_a_document_without_keys_has_none(document: dict[str, Any]) -> None:
    assert public_keys(document) == []


def test_a_key_verifies_only_by_its_own_kind_of_algorithm() -> None:
    given = [
        KEY.as_dict(private=False),
        ECKey.generate_key("P-256", {"kid": "ec"}).as_dict(private=False),
        OKPKey.generate_key("Ed25519", {"kid": "okp"}).as_dict(private=False),
        {**KEY.as_dict(private=False), "kid": "only 512", "alg": "RS512"},
    ]
    keys = Keys(lambda: Answer("", 200, json.dumps({"keys": given}).encode()), Clock())

    fitting = {name: [key.kid for key in keys.fitting(name, None)] for name in ("RS256", "PS256", "RS512", "ES256")}
    assert fitting == {"RS256": ["one"], "PS256": ["one"], "RS512": ["one", "only 512"], "ES256": ["ec"]}
    assert not keys.fitting("HS256", "one")
    assert not keys.fitting("EdDSA", "okp")

from __future__ import annotations

from flowship.auth.memory.keyed_digest import KeyedDigest


def test_the_same_texts_have_the_same_digest_and_others_another() -> None:
    digests = KeyedDigest()
    others = [("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c"), ("ab", "c", ""), ("é", "c")]

    assert digests.of("ab", "c") == digests.of("ab", "c")
    assert len({digests.of(*texts) for texts in others}) == len(others)


def test_each_has_a_key_of_its_own() -> None:
    assert KeyedDigest().of("ann", "open sesame!") != KeyedDigest().of("ann", "open sesame!")

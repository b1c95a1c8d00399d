"""Pins Helm's meaning of scalars; tests/integration/values compares the same with the real Helm."""

from __future__ import annotations

import pytest

from flowship.values.reading import scalars

TAG = "tag:yaml.org,2002:"


@pytest.mark.parametrize("text", ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"])
def test_each_of_helms_words_for_true_is_true(text: str) -> None:
    assert scalars.value(text, None, plain=True) is True


@pytest.mark.parametrize("text", ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"])
def test_each_of_helms_words_for_false_is_false(text: str) -> None:
    assert scalars.value(text, None, plain=True) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_each_of_helms_words_for_null_is_none(text: str) -> None:
    assert scalars.value(text, None, plain=True) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("+5", 5),
        ("-5", -5),
        ("017", 15),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1f", -31),
        ("0b11", 3),
        ("08", 8),
        ("1_000", 1000),
        ("1e3", 1000),
        ("5.0", 5),
        ("5.", 5),
        (".5", 0.5),
        (".5_0", 0.5),
        ("1.25", 1.25),
        ("1e-400", 0),
        ("9007199254740991", 2**53 - 1),
        ("9007199254740992", 2.0**53),
        ("9007199254740993", 2.0**53),
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
    ],
)
def test_a_number_is_the_one_that_helm_reads(text: str, number: float) -> None:
    read = scalars.value(text, None, plain=True)

    assert read == number
    assert type(read) is type(number)


@pytest.mark.parametrize(
    "text",
    [
        "1:30",
        "1.2.3",
        "2001-01-01",
        "0x",
        "0o8",
        "09x",
        "1e400",
        "+",
        "-",
        "._5",
        "True!",
        "tRUE",
        "nULL",
        "=",
        "<<",
        "٣",
    ],
)
def test_what_helm_does_not_know_is_text(text: str) -> None:
    assert scalars.value(text, None, plain=True) == text


def test_quotes_make_text() -> None:
    assert scalars.value("y", None, plain=False) == "y"


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("!", "5", "5"),
        ("!own", "5", "5"),
        (TAG + "str", "5", "5"),
        (TAG + "int", "5", 5),
        (TAG + "float", "5", 5),
        (TAG + "bool", "yes", True),
        (TAG + "null", "", None),
    ],
)
def test_a_tag_says_the_type(tag: str, text: str, value: object) -> None:
    assert scalars.value(text, tag, plain=True) == value


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (TAG + "int", "sesame"),
        (TAG + "int", "5.0"),
        (TAG + "bool", "1"),
        (TAG + "float", "18446744073709551615"),
        (TAG + "timestamp", "2001-01-01"),
        (TAG + "binary", "aGVs\nbG8="),
        (TAG + "binary", "!sesame"),
        (TAG + "binary", "/w=="),
        (None, "0b-1"),
        (None, ".inf"),
        (None, "-.INF"),
        (None, ".nan"),
    ],
)
def test_what_json_or_its_tag_cannot_hold_is_refused_without_being_quoted(tag: str | None, text: str) -> None:
    with pytest.raises(scalars.ScalarError) as refused:
        scalars.value(text, tag, plain=True)

    assert text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name", "name"),
        ("1", "1"),
        ("017", "15"),
        ("y", "true"),
        ("n", "false"),
        ("2001-01-01", "2001-01-01"),
    ],
)
def test_a_key_becomes_the_text_that_helm_makes_of_it(text: str, key: str) -> None:
    assert scalars.key(text, None, plain=True) == key


@pytest.mark.parametrize(
    "text",
    ["null", "~", "", "18446744073709551615", "1.50", "1e3", "1e6", "0.00001", "16777217.0", "1e300", ".nan", "-0.0"],
)
def test_a_key_that_is_null_or_a_number_that_helm_changes_is_refused(text: str) -> None:
    with pytest.raises(scalars.ScalarError, match="which cannot be a key; put it in quotes"):
        scalars.key(text, None, plain=True)

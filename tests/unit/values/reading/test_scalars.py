"""Pins Helm's meaning of scalars; tests/integration/values compares the same with the real Helm."""

from __future__ import annotations

import pytest

from flowship.values.reading import scalars


@pytest.mark.parametrize("text", ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"])
def test_each_of_helms_words_for_true_is_true(text: str) -> None:
    assert scalars.value(text) is True


@pytest.mark.parametrize("text", ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"])
def test_each_of_helms_words_for_false_is_false(text: str) -> None:
    assert scalars.value(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_each_of_helms_words_for_null_is_none(text: str) -> None:
    assert scalars.value(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("+5", 5),
        ("-5", -5),
        ("017", 15),
        ("-0644", -420),
        ("08", 8),
        ("1e3", 1000),
        ("5.0", 5),
        ("5.", 5),
        (".5", 0.5),
        ("1.25", 1.25),
        ("1e-400", 0),
        ("9007199254740991", 2**53 - 1),
        ("9007199254740992", 2.0**53),
        ("9007199254740993", 2.0**53),
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
    ],
)
def test_a_number_is_the_one_that_helm_reads(text: str, number: float) -> None:
    read = scalars.value(text)

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
        "1_a",
        "True!",
        "tRUE",
        "nULL",
        "=",
        "<<",
        "٣",
    ],
)
def test_what_helm_does_not_know_is_text(text: str) -> None:
    assert scalars.value(text) == text


NOT_FINITE = "is not a finite number, which values cannot hold; put it in quotes to mean the text"
UNUSUAL = (
    "is a number with underscores, or not in decimal, which Helm changes; write it in decimal, or in quotes to mean "
    "the text"
)
NO_KEY = "is null, a word such as `yes` or a number to Helm, which changes the key; put it in quotes"


@pytest.mark.parametrize("text", [".inf", "+.Inf", "-.INF", ".nan"])
def test_what_json_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(scalars.ScalarError) as refused:
        scalars.value(text)

    assert str(refused.value) == NOT_FINITE


@pytest.mark.parametrize(
    "text",
    [
        "0o17",
        "0x1F",
        "-0x1f",
        "0b11",
        "0b-1",
        "0B+1",
        "1_000",
        "-_1",
        "017_1",
        ".5_0",
        "1e1_0",
        "0" * 23,
        "0" + "7" * 23,
    ],
)
def test_a_number_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(scalars.ScalarError) as refused:
        scalars.value(text)

    assert str(refused.value) == UNUSUAL


@pytest.mark.parametrize("text", ["name", "8080", "0", "a.b/c", "2001-01-01", "1.2.3", "=", "1e400"])
def test_a_key_is_text(text: str) -> None:
    assert scalars.key(text) == text


@pytest.mark.parametrize("text", ["null", "~", "", "+1", "017", "1.50", "1e3", "1_0", "0x10", "1e300", ".nan", "y"])
def test_a_key_that_helm_takes_for_something_else_is_refused(text: str) -> None:
    with pytest.raises(scalars.ScalarError) as refused:
        scalars.key(text)

    assert str(refused.value) == NO_KEY

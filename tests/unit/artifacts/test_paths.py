from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowship.artifacts.paths import PathError, canonical, cut_name, decoded, listed, storable, typed, unambiguous

PIECES = [
    ".",
    "..",
    "/",
    "//",
    "\\",
    "%",
    "%2e",
    "%2F",
    "%5c",
    "%252e",
    "%25",
    "4",
    "a",
    "é",
    " ",
    ";",
    "#",
    "?",
    ":",
    "\0",
]
spellings = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=8).map("".join)
"""Paths, most of them out of what makes paths dangerous."""

RUN = "4/0f23b9a0111122223333444455556666/artifacts"
UUID = "k123b9a0-1111-2222-3333-444455556666"


@settings(deadline=None)
@given(spellings)
def test_no_reading_of_a_canonical_path_leaves_the_place_it_names(path: str) -> None:
    try:
        read = canonical(path)
    except PathError:
        return
    for _ in range(12):
        parts = read.replace("\\", "/").split("/")
        assert {".", ".."}.isdisjoint(parts)
        read = unquote(read)
    assert canonical(path) == path


@settings(deadline=None)
@given(spellings)
def test_what_is_typed_has_one_meaning_however_often_it_is_asked(path: str) -> None:
    try:
        once = typed(path)
    except PathError:
        return
    assert typed(once) == canonical(once) == once


@settings(deadline=None)
@given(spellings)
def test_a_path_is_decoded_once(path: str) -> None:
    try:
        unambiguous(path)
    except (PathError, UnicodeEncodeError):
        return
    assert decoded(quote(path).encode()) == path
    assert decoded(quote(path, safe="").encode()) == path


@settings(deadline=None)
@given(spellings)
def test_what_is_stored_can_be_read_back_under_its_name(path: str) -> None:
    try:
        stored = storable(canonical(path))
    except PathError:
        return
    assert storable(canonical(stored)) == stored
    assert all(listed(name) == name for name in stored.split("/"))


@example("%2f%2f[")
@settings(deadline=None)
@given(spellings | st.text())
def test_whatever_a_name_is_it_is_answered(name: str) -> None:
    listed(name)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"./4/x", "The path './4/x' has '.' or '..' in it: write the path that is meant."),
        (b"%2e/4/x", "The path './4/x' has '.' or '..' in it"),
        (b"%252e%252e/4/x", "The path '%2e%2e/4/x' has '.' or '..' in it"),
        (b"5/..%5C4/x", r"The path '5/..\4/x' has '.' or '..' in it"),
        (b"4/a%00", r"The path '4/a\x00' has a control character in it."),
        (b"4/a%C2%85", r"The path '4/a\x85' has a control character in it."),
        (b"4/%c0%ae%c0%ae/x", "The path of the request is not UTF-8: escape each byte of a name's UTF-8 form."),
        (b"4/%ff", "The path of the request is not UTF-8"),
        (b"4/%" + b"25" * 11 + b"41", "is escaped more than 10 times: escape it once."),
        (b"/4/x", "The path '/4/x' is absolute: write it from the root of the artifacts, without a '/' first."),
        (b"C:/x", "The path 'C:/x' is absolute"),
        (b"4//x", "The path '4//x' has an empty part: write one '/' between two names, and none at the end."),
        (b"4/x/", "The path '4/x/' has an empty part"),
    ],
)
def test_a_path_with_two_meanings_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(PathError) as refused:
        canonical(decoded(raw))
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "name",
    [
        "a b.txt",
        "growth 50%.txt",
        "growth 50%25.txt",
        "a#b",
        "a?b",
        "C:drive.txt",
        r"a\b.txt",
        "ü.txt",
        "...",
        ".hidden",
        "%2fa",
    ],
)
def test_whatever_may_be_stored_already_can_be_read(name: str) -> None:
    assert canonical(decoded(quote(f"{RUN}/{name}").encode())) == f"{RUN}/{name}"


@pytest.mark.parametrize(
    ("given", "meant"), [("", ""), (".", ""), ("./a//b/", "a/b"), ("a/./b", "a/b"), ("a/b", "a/b"), (" a", " a")]
)
def test_what_a_person_types_is_understood(given: str, meant: str) -> None:
    assert typed(given) == meant


@pytest.mark.parametrize("path", ["/", "/etc/passwd", "a/../b", "//host/share", "./C:/x", r"a\..\b"])
def test_what_a_person_types_cannot_lead_elsewhere(path: str) -> None:
    with pytest.raises(PathError):
        typed(path)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("growth 50%25.txt", "they would read 'growth 50%.txt'"),
        ("a%2Fb.txt", "they would read 'a/b.txt'"),
        ("C:drive.txt", "they would read 'c:drive.txt'"),
        ("file:x", "they would read 'file:///x'"),
        (" a.txt", "they would read 'a.txt'"),
        ("a;", "they would read 'a'"),
        ("%2f%2f[", "they cannot read it"),
        ("plot #3.png", "'#' may not be in it"),
        ("why?.txt", "'?' may not be in it"),
        (r"a\b.txt", r"'\' may not be in it"),
    ],
)
def test_a_name_that_clients_could_not_read_back_is_not_stored(name: str, why: str) -> None:
    with pytest.raises(PathError) as refused:
        storable(f"{RUN}/{name}")
    assert str(refused.value) == (
        f"An artifact '{name}' could not be read back under its name by MLflow's clients: {why}. "
        "Rename it, then log it again."
    )


def test_an_artifact_needs_a_name() -> None:
    with pytest.raises(PathError, match=r"^The path names no artifact: write the name of a file at its end\.$"):
        storable("")


@pytest.mark.parametrize(
    "name", ["growth 50%.txt", "metrics:loss.png", "a;b.txt", "a+b.txt", "100 %.csv", "c:drive.txt"]
)
def test_other_names_are_stored_as_they_are(name: str) -> None:
    assert storable(f"{RUN}/{name}") == f"{RUN}/{name}"


@pytest.mark.parametrize("ending", [".png", "%compressed.webp"])
def test_an_image_of_the_old_client_gets_the_name_that_new_clients_give(ending: str) -> None:
    old = f"{RUN}/images/my face%step%23%timestamp%1732000000000%{UUID}{ending}"

    assert storable(old) == old.replace("%", "+")


def test_an_image_of_the_old_client_that_clients_can_read_keeps_its_name() -> None:
    old = f"{RUN}/images/my face%step%2%timestamp%1732000000000%{UUID}.png"

    assert storable(old) == old


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("plot", "application/octet-stream"),
        ("MLmodel", "text/plain"),
        ("log", "text/plain"),
        ("plot.png", "image/png"),
        ("plot", ""),
        ("a.unknown", "image/png"),
    ],
)
def test_a_name_that_goes_with_its_type_was_not_cut(name: str, content_type: str) -> None:
    cut_name(f"{RUN}/{name}", content_type)


def test_a_name_that_was_cut_on_its_way_is_told_by_its_type() -> None:
    with pytest.raises(PathError) as refused:
        cut_name(f"{RUN}/plot ", "image/png")
    assert str(refused.value) == (
        "The file was cut to 'plot ' on its way, though it is image/png: MLflow's clients do not send what follows a "
        "'#' in a name. Rename it, then log it again."
    )

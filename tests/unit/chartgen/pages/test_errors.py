"""The page of errors has the sentences of the rules, of findings, of what is raised, and of what explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgen.pages.errors import errors_page
from flowship.values.rules.all_rules import RULES


@pytest.fixture(scope="module")
def page() -> str:
    return errors_page(Path(__file__).parents[4])


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("allowedHosts", "`allowedHosts`: holds an item that is not a host name."),
        ("A backup cannot be taken, kept or restored", "… is not empty: it holds …"),
        ("The database's schema cannot be brought to the one of this MLflow", "… is at revision …, older than this"),
        ("A key, or what stands there", "is not a known key. Did you mean …?"),
        ("A key, or what stands there", "is missing. Every item needs one."),
        ("What only a cluster has", "names a Secret of Kubernetes"),
        ("Told of some keys", "…: … needs MLflow … or newer, and … is installed."),
        ("A file of values, or `--set`, cannot be read", "the key `…` stands twice in a map; keep one"),
        ("A database cannot be reached", "the host name … is not known; check ….host"),
        ("An object store cannot be used", "the bucket is in another region;"),
        ("The values ask for a library", "… needs libraries that are not installed."),
        ("No server of the directory can be used", "… does not let the service account … in;"),
    ],
)
def test_a_sentence_is_in_its_section(page: str, section: str, sentence: str) -> None:
    (found,) = [part for part in page.split("\n#") if part.lstrip("# ").startswith(section)]

    assert f"\n- {sentence}" in found


@pytest.mark.parametrize("title", ["A token is refused", "The provider's answers do not fit what the values say"])
def test_what_only_a_server_meets_has_no_exit_status(page: str, title: str) -> None:
    section = page.partition(f"## {title}")[2].partition("## ")[0]

    assert "a running server logs it" in section
    assert "Exit status" not in section


def test_an_error_of_the_same_name_that_no_user_is_shown_is_not_told(page: str) -> None:
    assert "requests conflict with what is there" not in page


def test_two_blanks_side_by_side_are_one(page: str) -> None:
    assert "……" not in page
    assert "….…" not in page


def test_every_rule_is_told(page: str) -> None:
    text = page.replace("\\", "")

    assert [rule.sentence for rule in RULES if rule.reason not in text] == []


def test_the_words_of_others_by_which_a_sentence_is_chosen_are_not_told(page: str) -> None:
    assert "No space left on device" not in page
    assert "could not translate host name" not in page

"""The page of errors has the sentences of the rules, of what is raised, and of what explains."""

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
        ("A database cannot be reached", "the host name … is not known; check ….host"),
        ("An object store cannot be used", "the bucket is in another region;"),
        ("The values ask for a library", "… needs libraries that are not installed."),
        ("No server of the directory can be used", "… does not let the service account … in;"),
    ],
)
def test_a_sentence_is_in_its_section(page: str, section: str, sentence: str) -> None:
    (found,) = [part for part in page.split("\n#") if part.lstrip("# ").startswith(section)]

    assert f"\n- {sentence}" in found


def test_every_rule_is_told(page: str) -> None:
    text = page.replace("\\", "")

    assert [rule.sentence for rule in RULES if rule.reason not in text] == []


def test_the_words_of_others_by_which_a_sentence_is_chosen_are_not_told(page: str) -> None:
    assert "No space left on device" not in page
    assert "could not translate host name" not in page

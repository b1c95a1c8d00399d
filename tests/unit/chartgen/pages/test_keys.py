"""The page of the keys has each of them once, with an example that is valid."""

from __future__ import annotations

import re

import pytest

from chartgen.examples import examples
from chartgen.pages.keys import example, keys_page, kind
from flowship.values.model.fields.section import ClusterOnly, Section
from flowship.values.model.keys import all_keys, fields, leaves
from flowship.values.model.root import Values
from tests.unit.values.cases import nested

KEYS = {key: field for key, field in leaves() if not field.exclude}


def test_each_key_and_section_has_a_heading() -> None:
    headings = re.findall(r"^#{3,4} (\S+)$", keys_page(), re.M)

    assert sorted(headings) == sorted(set(headings))
    assert set(headings) >= KEYS.keys()
    assert set(headings) <= set(all_keys())


def test_each_key_that_does_nothing_on_a_laptop_is_marked() -> None:
    """Those of a section that is marked as a whole, too, and the section."""
    marked = set(re.findall(r"^#{3,4} (\S+)\n\n\*(?:[^\n]*, )?Kubernetes\*$", keys_page(), re.M))
    headings = set(re.findall(r"^#{3,4} (\S+)$", keys_page(), re.M))

    assert marked >= {"image", "image.tag", "tls.secretName", "gc.enabled", "nameOverride", "mysql.auth.secretKeys"}
    assert not marked & {"auth", "auth.enabled", "postgresql.auth.database"}
    assert marked == {key for key in headings if is_for_a_cluster(Values, *key.split("."))}


def is_for_a_cluster(section: type[Section], name: str, *rest: str) -> bool:
    field = dict(fields(section))[name]
    if any(isinstance(mark, ClusterOnly) for mark in field.metadata):
        return True
    return bool(rest) and is_for_a_cluster(field.annotation, *rest)


def test_each_example_is_valid() -> None:
    for key, field in KEYS.items():
        shown = example(key, field)

        assert shown is not None, key
        Values.model_validate(nested({key: shown}))
    Values.model_validate(examples())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("backendStore.postgres.port", "number from 1 to 65535"),
        ("backendStore.leaveBehind", "list"),
        ("auth.enabled", "true or false"),
        ("postgresql.architecture", "`standalone`"),
        ("backendStore.postgres.driver", 'one of `""`, `"psycopg2"`, `"psycopg"`'),
        ("serviceAccount.automount", "true or false or text"),
    ],
)
def test_a_kind_is_told_in_words(key: str, words: str) -> None:
    assert kind(key) == words

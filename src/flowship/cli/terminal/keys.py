"""Completion of `--set KEY`: the keys of the values, a section at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click


def assignments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the keys that begin so: of a section its name and a dot, of any other its name and `=`; and after that the
    choices of a key that has some."""
    from flowship.values.model.keys import all_keys, choices, is_section, kind_at, split  # which loads the model

    before, comma, last = incomplete.rpartition(",")
    key, equals, begun = last.partition("=")
    done = f"{before}{comma}"
    if equals:
        return [
            CompletionItem(f"{done}{key}={each}") for each in choices(kind_at(split(key))) if each.startswith(begun)
        ]
    depth = key.count(".")
    return [
        CompletionItem(f"{done}{each}{'.' if is_section(kind_at(split(each))) else '='}", type="nospace")
        for each in all_keys()
        if each.startswith(key) and each.count(".") == depth
    ]

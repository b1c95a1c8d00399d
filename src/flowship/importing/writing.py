"""Flowship's values as YAML that Helm reads alike, below comments for the person who goes on with them."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

import yaml

from flowship.values.reading import scalars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowship.importing.conversion import Imported
    from flowship.importing.draft import Remark
    from flowship.importing.table import Chart

_WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")


class _Dumper(yaml.SafeDumper):
    """Quotes every text but plain names: what PyYAML takes for text may be something else to Helm."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and scalars.is_text(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent)


def written(imported: Imported, chart: Chart, file: str) -> str:
    """Write what `flowship import-values` prints."""
    head = f"Flowship's values, made from those of {chart.title} in {file}."
    parts = [
        *_comment(head),
        *_section("Not carried over, with what to do instead", _grouped(imported.left_out)),
        *_section("Refused by `flowship check`", map(str, imported.refusals)),
        *_section(
            "Carried over in another way", _grouped(remark for remark in imported.remarks if not remark.left_out)
        ),
    ]
    body = yaml.dump(
        dict(imported.values),
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
    )
    return "\n".join([*parts, body])


def _section(title: str, sentences: Iterable[str]) -> Iterator[str]:
    listed = list(sentences)
    if listed:
        yield from ("#", f"# {title}:")
        for sentence in listed:
            yield from _comment(sentence, "# - ", "#   ")


def _grouped(remarks: Iterable[Remark]) -> Iterator[str]:
    """One sentence for all keys of which it is true."""
    keys: dict[str, list[str]] = {}
    for remark in remarks:
        keys.setdefault(remark.sentence, []).append(remark.key)
    return (f"{', '.join(same)}: {sentence}" for sentence, same in keys.items())


def _comment(text: str, first: str = "# ", others: str = "# ") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )

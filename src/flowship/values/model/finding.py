"""What is wrong with values: a finding for each thing to mend, whoever found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.errors import ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowship.values.model.provenance import Path, Source


@dataclass(frozen=True)
class Finding:
    """One thing to mend: a sentence that quotes no value, the keys that it is about, and the place to look at."""

    sentence: str
    paths: tuple[Path, ...] = ()
    """None if it is about a file's text."""
    source: Source | None = None

    def __str__(self) -> str:
        """Give the line for a person: what is said of keys has its place behind it, what is said of a text in front."""
        if self.source is None:
            return self.sentence
        return on_one_line(f"{self.sentence} ({self.source})" if self.paths else f"{self.source}: {self.sentence}")


def refusal(findings: Iterable[Finding], order: Sequence[str] = ()) -> ValuesError:
    """Give the error that tells each finding once: by what was read, in the `order` of its names, and by line; what was
    written nowhere comes last."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(order))}

    def place(finding: Finding) -> tuple[int, int, int]:
        source = finding.source
        if source is None:
            return len(ranks) + 1, 0, 0
        return ranks.get(source.name, len(ranks)), source.line or 0, source.column or 0

    ordered = sorted(findings, key=place)
    return ValuesError(list(dict.fromkeys(ordered)))


def on_one_line(text: str) -> str:
    """Give the text as a terminal can show it: the name of a file or the key of a `--set` may hold anything."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)

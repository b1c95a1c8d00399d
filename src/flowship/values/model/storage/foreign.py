"""Keys below a bundled database that Bitnami's charts have and this chart does not.

The schema lets them through, so that the chart refuses them in the sentence of `flowship check`: whoever moves a
release of chart 0.16.5 has them in the values, and Helm's own words would only say that they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.storage.bundled import Mysql, Postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowship.values.model.fields.section import Section

BUNDLED: dict[str, type[Section]] = {"postgresql": Postgresql, "mysql": Mysql}


def sentence(keys: Sequence[str]) -> str:
    """Tell what is said of such a key, beside which there are these."""
    return (
        "is a key of Bitnami's chart, or none; the database of this chart does not have it, since its image is the "
        f"official one. Remove it. The keys here are {', '.join(keys)}."
    )


def is_open(section: type[Section]) -> bool:
    """Tell whether the schema takes keys of a section that the chart then refuses."""
    return any(section is each for _, each in sections())


def own_keys(section: type[Section]) -> list[str]:
    """Give the keys of a section, without Helm's own."""
    return [field.alias or name for name, field in section.model_fields.items() if not field.exclude]


def sections() -> Iterator[tuple[str, type[Section]]]:
    for key, section in BUNDLED.items():
        yield key, section
        yield from _below(key, section)


def _below(key: str, section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and hasattr(kind, "model_fields"):
            yield f"{key}.{name}", kind
            yield from _below(f"{key}.{name}", kind)

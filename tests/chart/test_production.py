"""Kinds of values files that chart 0.16.5 has in production: what comes out of each, or what it is told.

`production/*.yaml` holds `values`, and either `objects`, a path in a rendered object and what stands there, or
`refused`, the beginnings of the sentences, with `mended`, which lies over the values and is taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flowship.values.reading.loading import over
from flowship.values.reading.reading import refused
from tests.chart.rendering import Objects, RenderingError, rendered

FILES = sorted((Path(__file__).parent / "production").glob("*.yaml"))


def found(objects: Objects, path: str) -> Any:
    """What stands at a path; nothing where it ends before."""
    kind, *parts = path.split(".")
    thing: Any = objects.of(kind)[0]
    for part in parts:
        thing = thing[int(part)] if isinstance(thing, list) else (thing or {}).get(part)
    return thing


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_production_file_renders_what_it_means_or_is_told_what_to_write(file: Path) -> None:
    case = yaml.safe_load(file.read_text())
    values, wanted = case["values"], case.get("refused", [])
    told = [finding.sentence for finding in refused(values)]

    assert len(told) == len(wanted)
    for beginning, sentence in zip(sorted(wanted), sorted(told), strict=True):
        assert sentence.startswith(beginning)
    if wanted:
        with pytest.raises(RenderingError) as error:
            rendered(values)
        assert [sentence for sentence in told if sentence not in str(error.value)] == []
        assert refused(over(values, case["mended"])) == []
    else:
        objects = rendered(values)
        assert {path: found(objects, path) for path in case["objects"]} == case["objects"]

from __future__ import annotations

import base64
from pathlib import Path
from xml.etree import ElementTree

import yaml

ROOT = Path(__file__).parents[3]


def test_the_chart_carries_the_picture_of_the_docs() -> None:
    metadata = yaml.safe_load((ROOT / "charts" / "mlflow" / "Chart.yaml").read_text())
    kind, _, picture = metadata["icon"].partition(",")

    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(picture) == (ROOT / "docs" / "images" / "icon.svg").read_bytes()


def test_the_picture_is_one_that_pages_may_show() -> None:
    """Without scripts, links, fonts, or anything from elsewhere."""
    parts = {each.tag.rpartition("}")[2] for each in ElementTree.parse(ROOT / "docs" / "images" / "icon.svg").iter()}

    assert parts == {"svg", "title", "rect", "path"}

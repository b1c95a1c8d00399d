from __future__ import annotations

import base64
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def test_the_chart_carries_the_picture_of_the_docs() -> None:
    metadata = yaml.safe_load((ROOT / "charts" / "mlflow" / "Chart.yaml").read_text())
    kind, _, picture = metadata["icon"].partition(",")

    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(picture) == (ROOT / "docs" / "images" / "icon.svg").read_bytes()


def test_the_picture_is_one_that_pages_may_show() -> None:
    """Without scripts, links, fonts, or anything from elsewhere."""
    picture = (ROOT / "docs" / "images" / "icon.svg").read_text()

    assert set(re.findall(r"<(\w+)", picture)) == {"svg", "title", "rect", "path"}
    assert set(re.findall(r" ([\w:]+)=", picture)) == {"xmlns", "viewBox", "width", "height", "rx", "fill", "d"}

"""The icon of the chart, in its metadata, as a `data:` URL, which Helm and Artifact Hub take as any other."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def with_icon(metadata: str, root: Path) -> str:
    """Give `Chart.yaml` with the picture of the docs."""
    picture = base64.b64encode((root / "docs" / "images" / "icon.svg").read_bytes()).decode()
    return re.sub(r"(?m)^icon: .*$", f"icon: data:image/svg+xml;base64,{picture}", metadata)

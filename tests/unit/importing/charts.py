"""The charts that can be imported: their keys, and a file that uses each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from flowship.importing.recognition import CHARTS
from tests.unit.importing.keys import ADDED_BY_SUCCESSOR, OFFICIAL
from tests.unit.values.specification import TABLE

FILES = Path(__file__).parent / "files"
SEED = {key: default for key, default in TABLE.items() if "[" not in key} | {
    "ingress.hosts": [{"host": "chart-example.local", "paths": [{"path": "/", "pathType": "ImplementationSpecific"}]}],
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "0.16.5": SEED,
    "1.11.5": {
        **{key: default for key, default in SEED.items() if key not in ("podSecurityContext", "securityContext")},
        "service.port": 80,
        **ADDED_BY_SUCCESSOR,
    },
    "official": OFFICIAL,
}
"""Each chart's keys, with their defaults."""


def every_key(chart: str) -> dict[str, Any]:
    """A file that uses every key that the chart has, and its predecessor had not."""
    data: dict[str, Any] = yaml.safe_load((FILES / f"{chart}.yaml").read_text())
    return data


assert DEFAULTS.keys() == CHARTS.keys()

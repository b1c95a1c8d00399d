"""The pages that are made from the code: run `make generate`, CI compares.

docs/reference/keys.md           from the model of the values, and `chartgen/examples.yaml`
docs/reference/commands.md       from the commands' own help
docs/reference/metrics.md        from the definitions of the metrics
docs/reference/environment.md    the table of the variables that stand for keys
docs/troubleshooting/errors.md   from the source
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.pages.commands import commands_page
from chartgen.pages.environment import variables_table
from chartgen.pages.errors import errors_page
from chartgen.pages.keys import keys_page
from chartgen.pages.markdown import between
from chartgen.pages.metrics import metrics_page
from flowship.cli.app import flowship

if TYPE_CHECKING:
    from pathlib import Path


def pages(root: Path) -> dict[Path, str]:
    """Every page under the checkout, with what it should hold."""
    reference = root / "docs" / "reference"
    environment = reference / "environment.md"
    return {
        reference / "keys.md": keys_page(),
        reference / "commands.md": commands_page(flowship, "flowship"),
        reference / "metrics.md": metrics_page(),
        environment: between(environment.read_text(), "variables", variables_table()),
        root / "docs" / "troubleshooting" / "errors.md": errors_page(root),
    }

"""The examples of the page on Kubernetes, rendered as their readers would."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.chart.rendering import CHART, require_restricted
from tests.unit.values.specification import CHANGED

if TYPE_CHECKING:
    from tests.chart.conftest import Render

DOCS = CHART.parents[1] / "docs"
PAGE = (DOCS / "how-to" / "kubernetes.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
COMMANDS = [
    shlex.split(command)
    for page in (PAGE, (DOCS / "how-to" / "upgrading.md").read_text())
    for block in re.findall(r"^```console\n(.*?)^```", page, re.M | re.S)
    for command in block.replace("\\\n", " ").splitlines()
    if command.startswith(("helm install", "helm upgrade"))
]


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split(":")[0] for block in BLOCKS])
def test_an_example_renders(render: Render, block: str) -> None:
    require_restricted(render(yaml.safe_load(block)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[-1])
def test_a_command_renders(render: Render, command: list[str]) -> None:
    options = [each for flag, value in pairwise(command) if flag == "--set" for each in (flag, value)]

    assert render({}, *options).one("Deployment")


def test_every_default_that_differs_is_told() -> None:
    page = (DOCS / "reference" / "differences.md").read_text()

    assert [key for key in CHANGED if f"`{key}" not in page] == []

"""The examples of the page on Kubernetes, rendered as their readers would."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import yaml

from flowship.values.reading.loading import load
from tests.chart.rendering import CHART, require_restricted
from tests.markdown import blocks
from tests.unit.values.specification import CHANGED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chart.conftest import Render

DOCS = CHART.parents[1] / "docs"
PAGE = (DOCS / "how-to" / "kubernetes.md").read_text()
BLOCKS = blocks(PAGE, "yaml")
COMMANDS = [
    shlex.split(command)
    for page in (PAGE, (DOCS / "how-to" / "upgrading.md").read_text())
    for block in blocks(page, "console")
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


def test_the_file_of_the_tutorial_renders_as_its_last_command_says(render: Render, tmp_path: Path) -> None:
    page = (DOCS / "tutorial" / "laptop-to-cluster.md").read_text()
    files = [tmp_path / f"{number}.yaml" for number, _ in enumerate(re.findall("^```yaml$", page, re.M))]
    for file, block in zip(files, blocks(page, "yaml"), strict=True):
        file.write_text(block)
    (command,) = re.findall(r"^helm install .*", page.replace("\\\n", " "), re.M)
    options = [each for flag, value in pairwise(shlex.split(command)) if flag == "--set" for each in (flag, value)]

    rendered = render(load(files, []).data, *options)

    require_restricted(rendered)
    assert rendered.one("Ingress")["spec"]["tls"][0]["hosts"] == ["mlflow.example.com"]


def test_the_values_of_the_application_of_argo_cd_render(render: Render) -> None:
    page = (DOCS / "how-to" / "argo-cd.md").read_text()
    (block,) = blocks(page, "yaml")
    values = yaml.safe_load(block)["spec"]["source"]["helm"]["valuesObject"]

    assert "replicas" not in render(values).one("Deployment")["spec"]


def test_every_default_that_differs_is_told() -> None:
    page = (DOCS / "reference" / "differences.md").read_text()

    assert [key for key in CHANGED if f"`{key}" not in page] == []

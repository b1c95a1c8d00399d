"""From chart 0.16.5 in place, with artifacts and users in the old container's own files: the page's commands save
them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import LIMIT, CommandError
from tests.e2e.old_release import QUICK, OldRelease, old_chart, prepare_clients
from tests.effects import shows
from tests.helm import helm, kubectl
from tests.integration.legacy.data import USERS
from tests.markdown import blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster import Namespace

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "moving.md").read_text()
SECTION = PAGE.split("## What only the old container holds")[1].split("\n## ")[0]
SAVING, IMPORTING = blocks(SECTION, "console")
(IMPORTER,) = blocks(SECTION, "yaml")

VALUES: dict[str, Any] = {
    "backendStore": {
        "databaseMigration": True,
        "existingDatabaseSecret": {"name": "database-login"},
        "postgres": {"enabled": True, "host": "postgres", "database": "mlflow"},
    },
    "artifactRoot": {"proxiedArtifactStorage": True},
    "auth": {"enabled": True, "adminUsername": "admin", "adminPassword": USERS["admin"]},
    "extraArgs": {"workers": "1"},
    "readinessProbe": QUICK,
}


@pytest.fixture(scope="module")
def old(namespace: Namespace, postgres: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> OldRelease:
    prepare_clients(namespace)
    release = OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))
    release.install(VALUES)
    return release


@pytest.fixture
def desk(old: OldRelease, tmp_path: Path) -> Path:
    """A folder with the reader's files, and the programs for this namespace."""
    values = {**VALUES, **old.namespace.cluster.image_values}
    (tmp_path / "values.yaml").write_text(yaml.dump(values, Dumper=yaml.CSafeDumper))
    (tmp_path / "importer.yaml").write_text(re.sub(r"image: .*", f"image: {old.namespace.cluster.image}", IMPORTER))
    for name, program in {"kubectl": kubectl(), "helm": helm(4)}.items():
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\nexec {program} --namespace {old.namespace.name} "$@"\n')
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def follow(desk: Path, commands: str, chart: Path) -> None:
    """Run what the page shows, as it stands but for the chart's place."""
    script = f"set -e\n{commands.replace('charts/mlflow', str(chart))}"
    path = {**os.environ, "PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=desk, env=path, capture_output=True, text=True, check=False, timeout=2 * LIMIT
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@shows("moving.acceptLoss")
def test_it_is_refused_with_commands_and_after_them_everything_is_read_back(old: OldRelease, desk: Path) -> None:
    namespace = old.namespace
    before = old.fill()
    with pytest.raises(CommandError) as refused:
        old.upgrade("--values", str(desk / "values.yaml"), major=3)
    told = [line.strip() for line in str(refused.value).splitlines()]

    for command in SAVING.strip().splitlines():
        assert command.replace("kubectl", f"kubectl --namespace {namespace.name}") in told
    follow(desk, SAVING, namespace.cluster.chart)
    follow(desk, IMPORTING, namespace.cluster.chart)
    namespace.rolled_out()
    assert old.lost(before) == []

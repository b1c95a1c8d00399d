"""What the chart sees of a release of chart 0.16.5; the objects are those that the stand-in for that chart renders."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.chart.conftest import Chart
from tests.chart.rendering import CHART, template
from tests.e2e.old_release import old_chart
from tests.helm import HelmMajor
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, LDAP, POSTGRES, S3, nested

if TYPE_CHECKING:
    from pathlib import Path

LOST = 'printed: {{ include "mlflow.lostWithPod" .Values.old | toJson }}\n'
SENTENCE = 'printed: {{ include "mlflow.lossSentence" (dict "root" . "paths" .Values.paths) | toJson }}\n'
PROXIED = {"artifactRoot.proxiedArtifactStorage": True}
CLAIM = {"persistentVolumeClaim": {"claimName": "old"}}


def volume(path: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"extraVolumes": [{"name": "old", **source}], "extraVolumeMounts": [{"name": "old", "mountPath": path}]}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return old_chart(tmp_path_factory.mktemp("old"))


def printed(folder: Path, text: str, major: HelmMajor, values: dict[str, Any]) -> str:
    """What a template makes of the chart's named ones."""
    (folder / "mlflow" / "templates").mkdir(parents=True)
    for name in ("_moving.tpl", "_names.tpl"):
        shutil.copy(CHART / "templates" / name, folder / "mlflow" / "templates" / name)
    (folder / "mlflow" / "templates" / "print.yaml").write_text(text)
    (folder / "mlflow" / "Chart.yaml").write_text("apiVersion: v2\nname: mlflow\nversion: 1.0.0\n")
    rendering = Chart(folder / "mlflow").render(major, values)
    assert rendering.error == ""
    return str(yaml.load(rendering.output, yaml.CSafeLoader)["printed"])


def objects(chart: Path, values: dict[str, Any]) -> dict[str, Any]:
    """The pod of a release of the old chart, and the file that its authentication reads."""
    made = [each for each in yaml.load_all(template(nested(values), major=3, chart=chart), yaml.CSafeLoader) if each]
    (deployment,) = (each for each in made if each["kind"] == "Deployment")
    files = [
        text
        for each in made
        if each["metadata"]["name"].endswith("-auth-config-secret")
        for text in each["stringData"].values()
    ]
    return {"pod": deployment["spec"]["template"]["spec"], "authentication": "".join(files)}


@pytest.mark.parametrize("major", [3, 4])
@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({}, []),
        (PROXIED, []),  # the runs that they belong to are in memory
        (POSTGRES, []),  # clients kept artifacts on their own disks
        ({**POSTGRES, **PROXIED}, ["/mlflow/mlartifacts"]),
        ({**POSTGRES, **PROXIED, **S3}, []),
        ({**POSTGRES, **PROXIED, **volume("/mlflow/mlartifacts/", CLAIM)}, []),
        ({**POSTGRES, **PROXIED, **volume("/mlflow", CLAIM)}, []),
        ({**POSTGRES, **PROXIED, **volume("/mlflow", {"emptyDir": {}})}, ["/mlflow/mlartifacts"]),
        ({**POSTGRES, **PROXIED, **volume("/mlflow/mlart", CLAIM)}, ["/mlflow/mlartifacts"]),
        (AUTH, ["/mlflow/basic_auth.db"]),
        ({**AUTH, **AUTH_POSTGRES}, []),
        ({**AUTH, **volume("/mlflow", CLAIM)}, []),
        ({**AUTH, "auth.sqliteFullPath": "/volumes/auth", **volume("/volumes", CLAIM)}, []),
        (
            {**AUTH, "auth.sqliteFullPath": "/volumes/auth", **volume("/volumes/auth", CLAIM)},
            ["/volumes/authbasic_auth.db"],
        ),
        (LDAP, ["/mlflow/ldap_basic_auth.db"]),
        ({**POSTGRES, **PROXIED, **AUTH}, ["/mlflow/mlartifacts", "/mlflow/basic_auth.db"]),
    ],
)
def test_what_only_the_old_container_holds_is_found(
    old: Path, tmp_path: Path, values: dict[str, Any], lost: list[str], major: HelmMajor
) -> None:
    assert json.loads(printed(tmp_path, LOST, major, {"old": objects(old, values)})) == lost


@pytest.mark.parametrize("major", [3, 4])
def test_a_loss_is_told_with_the_commands_that_save_it(tmp_path: Path, major: HelmMajor) -> None:
    paths = ["/mlflow/mlartifacts", "/mlflow/basic_auth.db"]
    execute = "kubectl --namespace default exec deployment/demo-mlflow --"

    assert printed(tmp_path, SENTENCE, major, {"paths": paths}).strip().splitlines() == [
        "moving.acceptLoss: the running pod of chart 0.16.5 keeps /mlflow/mlartifacts and /mlflow/basic_auth.db in its "
        "container's own files, which end with the pod. Save them first:",
        f"  {execute} tar --create --directory /mlflow/mlartifacts . > mlartifacts.tar",
        f"  {execute} python -c 'import sqlite3; "
        'sqlite3.connect("/mlflow/basic_auth.db").execute("VACUUM INTO \\"/tmp/saved.db\\"")\'',
        f"  {execute} cat /tmp/saved.db > basic_auth.db",
        "Then set moving.acceptLoss to true. docs/how-to/moving.md shows how they get into the new release's claim.",
    ]

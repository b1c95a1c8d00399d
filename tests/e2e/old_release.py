"""A release of chart 0.16.5 that runs the real MLflow 2.22.0: installed, filled as its users filled
it, and upgraded."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.e2e.cluster import HERE, LIMIT, Namespace
from tests.integration.legacy.data import USERS
from tests.integration.legacy.verify import compare
from tests.unit.values.cases import nested
from tests.unit.values.specification import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.helm import HelmMajor

FOLDER = HERE / "chart-0.16.5"
PROGRAMS = ("fill.py", "model.py", "reading.py")

QUICK = {"initialDelaySeconds": 1, "periodSeconds": 2, "timeoutSeconds": 3, "failureThreshold": 60}
"""Timing of a probe with which the old server is seen to be ready as soon as it is."""


def old_defaults() -> dict[str, Any]:
    """The defaults of chart 0.16.5."""
    defaults = nested({key: value for key, value in TABLE.items() if "[" not in key})
    paths = [{"path": "/", "pathType": "ImplementationSpecific"}]
    defaults["ingress"]["hosts"] = [{"host": "chart-example.local", "paths": paths}]
    return defaults


def old_chart(folder: Path) -> Path:
    """Chart 0.16.5 with the defaults of the specification."""
    chart = folder / FOLDER.name
    shutil.copytree(FOLDER, chart)
    (chart / "values.yaml").write_text(yaml.dump(old_defaults(), Dumper=yaml.CSafeDumper))
    return chart


@dataclass(frozen=True)
class OldRelease:
    """A release of chart 0.16.5 in a namespace."""

    namespace: Namespace
    chart: Path

    @property
    def address(self) -> str:
        """Its Service."""
        return f"http://{self.namespace.release}.{self.namespace.name}:5000"

    def named(self, release: str) -> OldRelease:
        """Another release in the same namespace."""
        return OldRelease(self.namespace.named(release), self.chart)

    def install(self, values: Mapping[str, Any]) -> None:
        """Install it with Helm 3; its pods run as root, which `restricted` forbids."""
        repository, _, tag = self.namespace.cluster.old_image.rpartition(":")
        image = {"image": {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}}
        given = yaml.dump({**image, **values}, Dumper=yaml.CSafeDumper)
        # In a file, since a value would stay with the release, and be refused by the chart that it moves to.
        (self.chart / "old-postgres").write_text(self.namespace.cluster.old_postgres)
        self.enforce("privileged")
        self.namespace.helm(
            *("install", self.namespace.release, str(self.chart), "--values", "-", "--wait", f"--timeout={LIMIT}s"),
            major=3,
            given=given,
        )
        self.enforce("restricted")

    def upgrade(self, *options: str, major: HelmMajor, wait: bool = True) -> str:
        """Upgrade it to Flowship's chart and image; the values are for the options to give."""
        image = self.namespace.cluster.image_values["image"]
        chosen = [f"--set-string=image.{key}={value}" for key, value in image.items()]
        waiting = ("--wait", f"--timeout={LIMIT}s") if wait else ()
        command = ("upgrade", self.namespace.release, str(self.namespace.cluster.chart), *chosen, *waiting)
        return self.namespace.helm(*command, *options, major=major)

    def enforce(self, standard: str) -> None:
        """Let the namespace enforce a Pod Security Standard."""
        label = f"pod-security.kubernetes.io/enforce={standard}"
        self.namespace.kubectl("label", "--overwrite", "namespace", self.namespace.name, label)

    def fill(self) -> Any:
        """Let the stock client of 2.22.0 log one of everything; what it then reads."""
        return self._run("fill", "client-2")

    def lost(self, before: Any) -> list[str]:
        """What today's stock client no longer reads, or reads otherwise."""
        return list(compare(before, self._run("read", "client-3")))

    def _run(self, what: str, pod: str) -> Any:
        variable = f"MLFLOW_TRACKING_URI={self.address}"
        command = ("exec", "--stdin", pod, "--", "env", variable, "python", "-", what, self.address)
        printed = self.namespace.kubectl(*command, given=(HERE / "legacy.py").read_text(), limit=2 * LIMIT)
        return json.loads(printed.splitlines()[-1])

    def revision(self) -> int:
        """The number of the release's last revision."""
        return int(json.loads(self.namespace.helm("history", self.namespace.release, "--output=json"))[-1]["revision"])


def prepare_clients(namespace: Namespace) -> None:
    """Start a pod with each client."""
    legacy = Path(__file__).parents[1] / "integration" / "legacy"
    programs = {name: (legacy / name).read_text() for name in PROGRAMS}
    namespace.secret("legacy", **programs, **{"users.json": json.dumps(dict(USERS))})
    namespace.apply("clients-of-both.yaml")
    namespace.kubectl("wait", "--for=condition=Ready", "pod/client-2", "pod/client-3", f"--timeout={LIMIT}s")

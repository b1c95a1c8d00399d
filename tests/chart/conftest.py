"""Two charts: the whole one, which renders objects, and one of the generated files and nothing else, which shows what
Helm makes of the values before any object is rendered."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.chart.rendering import CHART, Objects, rendered
from tests.helm import HelmMajor, run_helm, written
from tests.unit.values.cases import nested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REFUSING = (
    "values.yaml",
    "values.schema.json",
    "templates/_refusals.tpl",
    "templates/_findings.tpl",
    "templates/_unknown.tpl",
)
REFUSE = '{{ include "mlflow.refusals" . }}\n'


@dataclass(frozen=True)
class Rendering:
    """What `helm template` printed."""

    output: str
    error: str

    @property
    def refusals(self) -> list[str]:
        """The sentences with which the chart failed; none if it did not."""
        place, _, sentences = self.error.partition(": \n")
        assert self.error == "" or place.startswith("Error: execution error at"), self.error
        return sentences.partition("\n\n")[0].splitlines()


@dataclass(frozen=True)
class Chart:
    """A copy of the generated files, with one template."""

    folder: Path

    def render(self, major: HelmMajor, values: Any = None, *options: str) -> Rendering:
        """Render with values over the defaults."""
        given = written({} if values is None else values).encode()
        run = run_helm(major, "template", "demo", str(self.folder), "-f", "-", *options, given=given)
        assert (run.returncode == 0) == (run.stderr == b""), run.stderr
        return Rendering(run.stdout.decode(), run.stderr.decode())


def copied(folder: Path, template: str, *, without: Sequence[str] = ()) -> Chart:
    """What refuses values, in a chart of its own."""
    (folder / "templates").mkdir(parents=True)
    for name in REFUSING:
        if name not in without:
            shutil.copy(CHART / name, folder / name)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: mlflow\nversion: 1.0.0\n")
    (folder / "templates" / "refusals.yaml").write_text(template)
    return Chart(folder)


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    return copied(tmp_path_factory.mktemp("refusing") / "mlflow", REFUSE)


class Render(Protocol):
    def __call__(self, values: Mapping[str, Any] | None = None, *options: str, release: str = "demo") -> Objects: ...


@pytest.fixture(params=[3, 4], ids=["helm3", "helm4"])
def render(request: pytest.FixtureRequest) -> Render:
    """Renders the chart with one of the two Helms; values by dotted key or as a file holds them."""

    def render(values: Mapping[str, Any] | None = None, *options: str, release: str = "demo") -> Objects:
        return rendered(nested(dict(values or {})), *options, major=request.param, release=release)

    return render

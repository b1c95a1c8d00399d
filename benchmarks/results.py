"""What was measured, as it is kept in a file: samples, and what must be known to judge them."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.medians import Summary, summary

if TYPE_CHECKING:
    from benchmarks.plan import Plan


@dataclass
class Results:
    """Samples of one benchmark, by measure and by contestant."""

    plan: dict[str, Any]
    machine: dict[str, Any]
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """Sentences about what was not as it should be, such as a server that did not come to rest."""
    failures: list[str] = field(default_factory=list)
    """Why a part could not be measured."""

    def add(self, measure: str, contestant: str, sample: float) -> None:
        self.samples.setdefault(measure, {}).setdefault(contestant, []).append(sample)

    def of(self, measure: str, contestant: str) -> list[float]:
        """The samples; none when it was not measured."""
        return self.samples.get(measure, {}).get(contestant, [])

    def summary(self, measure: str, contestant: str) -> Summary | None:
        samples = self.of(measure, contestant)
        return summary(samples) if samples else None

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=2) + "\n")


def begin(plan: Plan) -> Results:
    """Nothing measured yet, on this machine."""
    return Results(asdict(plan), _machine())


def read(file: Path) -> Results:
    """Results as `write` left them."""
    return Results(**json.loads(file.read_text()))


def _machine() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "processor": _processor(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "mlflow": version("mlflow"),
        "flowship": version("flowship"),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())

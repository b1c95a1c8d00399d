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

from benchmarks.errors import BenchmarkError
from benchmarks.medians import Summary, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def merged(parts: Sequence[Results]) -> Results:
    """Results of parts that were measured one after the other.

    Raises:
        BenchmarkError: they are not of the same machine, software and sizes, or were measured twice.
    """
    whole, *others = parts
    for other in others:
        for name, value in _comparable(other).items():
            if (known := _comparable(whole).get(name, value)) != value:
                raise BenchmarkError(f"Results that differ in {name} ({known}, {value}) cannot be merged.")
        if twice := sorted(whole.samples.keys() & other.samples.keys()):
            raise BenchmarkError(f"Two of the files have figures of {twice[0]!r}. Name only one of them.")
        newest = max(whole.machine, other.machine, key=lambda machine: str(machine["date"]))
        load = max(whole.machine["load"], other.machine["load"])
        whole = Results(
            other.plan | whole.plan,
            {**newest, "load": load},
            whole.samples | other.samples,
            whole.notes + other.notes,
            whole.failures + other.failures,
        )
    return whole


def _comparable(results: Results) -> dict[str, Any]:
    """What must be the same in results that are merged: all but when it was, and how busy the machine was then."""
    passing = {"date", "load"}
    return {name: value for name, value in (results.plan | results.machine).items() if name not in passing}


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

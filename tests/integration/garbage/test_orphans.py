"""Artifacts that no row knows: found, asked for, and removed, but nothing else."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from flowship.garbage import garbage
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.garbage.world import World

GONE = "f" * 32
WEEK = timedelta(days=7)


def old(file: Path) -> str:
    past = time.time() - 30 * 86_400
    os.utime(file, (past, past))
    return str(file)


def test_only_what_no_row_knows_and_is_old_goes(world: World) -> None:
    experiment = world.experiment()
    run = world.run(experiment)
    uri = f"mlflow-artifacts:/{experiment}"
    kept = {
        old(world.write(f"{uri}/{run}/artifacts", "known")),
        old(world.write(f"{uri}/notes", "somebody-elses.txt")),
        old(world.write("mlflow-artifacts:/other/1", f"{GONE}/artifacts/of-another-server")),
        str(world.write(f"{uri}/{'e' * 32}/artifacts", "under-way")),
    }
    old(world.write(f"{uri}/{GONE}/artifacts", "a.bin"))
    old(world.write(f"{uri}/{GONE}/artifacts/deep", "b.bin"))
    old(world.write(f"{uri}/traces/tr-gone/artifacts", "traces.json"))

    collection, found = garbage.find_orphans(tracking_at(world.url), world.location, WEEK, lambda _: None)
    report = garbage.remove_orphans(collection, found)

    assert {(unit.kind, unit.id, unit.amount.objects) for unit in found} == {("run", GONE, 2), ("trace", "tr-gone", 1)}
    assert (len(report.things), report.bytes, report.failed) == (2, 21, [])
    assert world.files() == {str(each).removeprefix(f"{world.root}/") for each in kept}

"""A program that has MLflow's own handlers and the hot API make and change twin runs, and fails where answers or rows
differ. Its arguments are those of `twins.py`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, table, text

from tests.integration.tracking.sides import API, Sides, main, many, mostly

if TYPE_CHECKING:
    from tests.integration.tracking.sides import Answered

ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, "7", 1.5, [], {}, 2**63, -1, "RUNNING", "x\0", 0])
NAMES = st.sampled_from(["one", "ä 密", "😀", "x" * 250, "x" * 251, "", " one ", "mlflow.runName", "n\0"])
KEYS = st.sampled_from(["a", "A", "a ", "mlflow.user", "mlflow.runName", "", "x" * 250, "x" * 251, "ä/../b"])
VALUES = st.sampled_from(["one", "", "ä 密", "v" * 8000, "v" * 8001, "x" * 251, "n\0"])
TIMES = st.sampled_from([0, 1, 1_700_000_000_000, 2**53 + 1, 2**63 - 1, -(2**63), -5])

GOOD_TAGS = st.dictionaries(
    st.sampled_from(["a", "b", "mlflow.user"]), st.sampled_from(["1", "", "ä"]), max_size=3
).map(lambda tags: [{"key": key, "value": value} for key, value in tags.items()])
ODD_TAGS = st.lists(
    st.fixed_dictionaries({}, optional={"key": mostly(KEYS, ODD), "value": mostly(VALUES, ODD), "odd": ODD}), max_size=4
)
NEW = st.fixed_dictionaries(
    {"experiment_id": mostly(st.just("active"), st.sampled_from(["deleted", "99", "x", "00", 0, None, "", "9" * 18]))},
    optional={
        "user_id": mostly(st.sampled_from(["ada", "", "ä", "u" * 256]), st.just("u" * 257) | ODD),
        "start_time": mostly(TIMES, ODD),
        "run_name": mostly(NAMES, ODD),
        "tags": mostly(GOOD_TAGS | ODD_TAGS, ODD),
    },
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "status": mostly(st.sampled_from(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]), st.just(3) | ODD),
        "end_time": mostly(TIMES, ODD),
        "run_name": mostly(NAMES, ODD),
    },
)
MORE = mostly(st.just({}), st.sampled_from([{"odd": 1}, {"run_uuid": "x"}, {"runId": "x"}]))


def alike(said: str) -> str:
    """What is said, whatever the ids and the made-up names of runs are."""
    return re.sub(r"\b[a-z]+-[a-z]+-[0-9]+\b", "NAME", re.sub(r"[0-9a-f]{32}", "RUN", said))


def told(answer: Answered) -> tuple[int, str | None, str]:
    """An answer, as far as clients look, its JSON in the order in which it is written."""
    said, kind = answer.body.decode(), answer.headers.get("content-type")
    return answer.status, kind, alike(json.dumps(json.loads(said)) if kind == "application/json" else said)


class Rows:
    """What there is in the database."""

    def __init__(self, sides: Sides) -> None:
        self._engine = sides.store.engine
        self._tables = [name for name in inspect(self._engine).get_table_names() if name != "alembic_version"]

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self._engine.connect() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
                for name in self._tables
            }

    def of(self, run_id: str) -> list[str]:
        """All that is kept of a run and its tags, but for when it was deleted."""
        statements = ("SELECT * FROM runs WHERE run_uuid = :id", "SELECT * FROM tags WHERE run_uuid = :id")
        with self._engine.connect() as connection:
            found = [connection.execute(text(each), {"id": run_id}).mappings().all() for each in statements]
        kept = [{**row, "deleted_time": None} for rows in found for row in rows]
        return sorted(alike(repr(sorted(row.items()))) for row in kept)


def both(sides: Sides, rows: Rows, route: str, *bodies: dict[str, Any]) -> list[Answered]:
    """What each side answers to its own body, which is the same, and adds as many rows to the same tables."""
    answers, added = [], []
    for side, said in zip((sides.mlflow, sides.flowship), bodies, strict=True):
        before = rows.counts()
        answers.append(side("POST", f"{API}/{route}", "", json.dumps(said).encode()))
        added.append({name: count - before[name] for name, count in rows.counts().items()})
    assert told(answers[1]) == told(answers[0]), (route, bodies)
    assert added[1] == added[0], (route, bodies)
    sides.count(route, answers[1])
    return answers


def same(sides: Sides) -> None:
    """Make twin runs, and change them."""
    rows = Rows(sides)
    experiments = {name: sides.store.create_experiment(name) for name in ("active", "deleted")}
    sides.store.delete_experiment(experiments["deleted"])

    @many
    @given(new=NEW, more=MORE, changes=st.lists(CHANGES, max_size=3), deleted=mostly(st.just(False), st.just(True)))
    def twins(new: dict[str, Any], more: dict[str, Any], changes: list[dict[str, Any]], deleted: bool) -> None:
        place = new["experiment_id"]
        body = {**new, "experiment_id": experiments.get(place, place) if isinstance(place, str) else place, **more}
        answers = both(sides, rows, "runs/create", body, body)
        if answers[0].status != 200:
            return
        runs = [json.loads(answer.body)["run"]["info"]["run_id"] for answer in answers]
        if deleted:
            for run in runs:
                sides.store.delete_run(run)
        for change in changes:
            both(sides, rows, "runs/update", *({"run_id": run, **change, **more} for run in runs))
        assert rows.of(runs[1]) == rows.of(runs[0]), (body, changes)
        sides.compare(runs[1], "GET", f"{API}/runs/get", f"run_id={runs[1]}")

    twins()


if __name__ == "__main__":
    main(same)

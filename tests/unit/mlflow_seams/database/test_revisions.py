"""The table of what MLflow's revisions do knows each one, and says what MLflow's scripts do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from flowship.database.part import Part
from flowship.mlflow_seams.database.revisions import AUTH, OF_2_22, TRACKING, Change
from flowship.mlflow_seams.database.schema import FIRST_AUTH_REVISION, revisions
from tests.unit.in_mlflow import in_mlflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.mlflow_seams.database.revisions import Step

KNOWN: Mapping[Part, Mapping[str, Step]] = {Part.TRACKING: TRACKING, Part.AUTH: AUTH}
FIRST = {Part.TRACKING: OF_2_22, Part.AUTH: FIRST_AUTH_REVISION}
"""The revisions of MLflow 2.22, after which the tables begin."""

UNSEEN = {Change.ROWS, Change.MOVED, Change.TYPE}
"""What changes no definition in SQLite: rows, and the order of letters, which only MySQL is told."""

# Takes each step on SQLite, and prints the tables that it made and those whose definitions it changed.
WALKS = """
import json, logging
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from mlflow.server.auth.db.utils import migrate
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base
from flowship.database.part import Part

logging.disable(logging.INFO)
tracking, auth = create_engine("sqlite:///tracking.db"), create_engine("sqlite:///auth.db")
Base.metadata.create_all(tracking)
config = _get_alembic_config("")

def upgrade_tracking(revision):
    with tracking.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

def definitions(engine):
    found = {}
    with engine.connect() as connection:
        for table, *rest in connection.execute(text("SELECT tbl_name, type, name, sql FROM sqlite_master")):
            found.setdefault(table, set()).add(tuple(rest))
    return {name: found[name] for name in found if not name.startswith(("alembic_", "sqlite_"))}

def steps(part, engine, upgrade, first):
    upgrade(first)
    before = definitions(engine)
    order = [script.revision for script in ScriptDirectory(str(part.migrations)).walk_revisions()][::-1]
    for revision in order[order.index(first) + 1:]:
        upgrade(revision)
        after = definitions(engine)
        changed = [name for name in before if after.get(name) != before[name]]
        yield revision, sorted(set(after) - set(before)), sorted(changed)
        before = after

print(json.dumps({
    "tracking": list(steps(Part.TRACKING, tracking, upgrade_tracking, FIRST_TRACKING)),
    "auth": list(steps(Part.AUTH, auth, lambda revision: migrate(auth, revision), FIRST_AUTH)),
}))
"""


@pytest.fixture(scope="module")
def walked() -> Any:
    program = f"FIRST_TRACKING, FIRST_AUTH = {OF_2_22!r}, {FIRST_AUTH_REVISION!r}\n{WALKS}"
    return json.loads(in_mlflow(program).splitlines()[-1])


@pytest.mark.parametrize("part", Part)
def test_every_revision_since_2_22_is_known(part: Part) -> None:
    below = revisions(part.migrations)
    since, each = [], part.head
    while each != FIRST[part]:
        since.append(each)
        each = below[each] or ""

    assert [revision for revision in since if revision not in KNOWN[part]] == []


@pytest.mark.parametrize("part", Part)
def test_the_tables_that_a_revision_makes_and_changes_are_these(part: Part, walked: Any) -> None:
    said = {
        revision: (
            sorted(step.makes),
            sorted(name for name, changes in step.changes.items() if not UNSEEN.issuperset(changes) or name in really),
        )
        for revision, made, really in walked[part]
        if (step := KNOWN[part][revision])
    }

    assert said == {revision: (made, changed) for revision, made, changed in walked[part]}


@pytest.mark.parametrize("part", Part)
def test_what_is_broken_is_so_since_a_revision_that_is_known(part: Part) -> None:
    since = [broken.since for step in KNOWN[part].values() for broken in step.broken]

    assert [revision for revision in since if revision not in {FIRST[part], *KNOWN[part]}] == []

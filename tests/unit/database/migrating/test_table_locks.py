from __future__ import annotations

from flowship.database.migrating.outlook import Outlook, Pending, outlook
from flowship.database.migrating.table_locks import wanted
from flowship.database.part import Part
from flowship.mlflow_seams.database.revisions import Change, Step

WEBHOOKS = Step("webhooks", ("webhooks",), {"trace_info": (Change.COLUMN,)})
PARENTS = {"webhooks": {"experiments"}, "trace_info": {"experiments", "runs"}, "metrics": {"runs"}}
EXISTING = {"experiments", "runs", "metrics", "trace_info"}


def ahead(step: Step | None) -> Outlook:
    changes = step.changes if step else {}
    return Outlook(Part.TRACKING, "postgresql", (Pending("a", step, changes),))


def test_what_is_changed_is_locked_and_what_new_keys_name_is_not_written() -> None:
    assert wanted(ahead(WEBHOOKS), EXISTING, PARENTS) == {
        "ACCESS EXCLUSIVE": ["trace_info"],
        "SHARE ROW EXCLUSIVE": ["experiments", "runs"],
    }


def test_what_a_key_named_that_is_taken_off_is_locked_too() -> None:
    step = Step("cascades", changes={"trace_info": (Change.FOREIGN_KEY,)})

    assert wanted(ahead(step), EXISTING, PARENTS) == {"ACCESS EXCLUSIVE": ["experiments", "runs", "trace_info"]}


def test_tables_that_are_not_there_yet_are_not_locked() -> None:
    assert wanted(ahead(Step("spans", ("spans",), {"jobs": (Change.COLUMN,)})), EXISTING, {}) == {}


def test_all_is_locked_for_a_revision_of_which_nothing_is_known() -> None:
    assert wanted(ahead(None), EXISTING, PARENTS) == {"ACCESS EXCLUSIVE": sorted(EXISTING)}


def test_metrics_can_be_logged_while_an_index_on_traces_is_made() -> None:
    last = outlook(Part.TRACKING, "postgresql", "6f8d9c3b2a1e")

    assert "metrics" not in wanted(last, EXISTING | {"spans"}, PARENTS)["ACCESS EXCLUSIVE"]

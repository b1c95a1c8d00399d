"""What requests that make or change a run want, and who may want it, read from their bodies.

None stands here for a body that is not understood whole: MLflow then answers, with its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.tracking import run_changes as seam
from flowship.mlflow_seams.tracking.logged import RUN_NAME
from flowship.mlflow_seams.tracking.run_changes import LONGEST_NAME, LONGEST_USER, LONGEST_VALUE
from flowship.tracking.reading.rows import STATUSES
from flowship.tracking.requests.asked import INT32, INT64, number, run_of
from flowship.tracking.writing.runs import NewRun, RunChanges

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.sender import Sender
    from flowship.tracking.writing.writers import Writers

    Make = Callable[[Connection, Writers], Json | None]

MOST_TAGS = 100
"""Tags that a new run is given here at most."""


class Change(NamedTuple):
    """A change that is understood."""

    may: Callable[[Sender], bool]
    """Whether the sender may make it. Decided before a transaction begins."""
    make: Make


def create_run(body: dict[str, Any]) -> Change | None:
    """Read what `runs/create` wants."""
    if not body.keys() <= {"experiment_id", "user_id", "run_name", "start_time", "tags"}:
        return None
    experiment_id, start_time = body.get("experiment_id"), body.get("start_time", 0)
    experiment, tags = number(experiment_id, INT32), _tags(body.get("tags", []))
    user_id, name = (body.get(key, "") for key in ("user_id", "run_name"))
    if experiment is None or tags is None or type(start_time) is not int or start_time not in INT64:
        return None
    if not _is_text(user_id, LONGEST_USER) or not _is_text(name, LONGEST_NAME):
        return None
    named = tags.get(RUN_NAME)
    if named == "" or (name and named and name != named) or len(named or "") > LONGEST_NAME:
        return None
    name = name or named or seam.random_name()
    wanted = NewRun(experiment, name, user_id, start_time, tuple({**tags, RUN_NAME: name}.items()))
    return Change(
        lambda sender: sender.may_create_run(str(experiment_id)),
        lambda connection, writers: writers.runs.create(connection, wanted),
    )


def update_run(body: dict[str, Any]) -> Change | None:
    """Read what `runs/update` wants."""
    run_id = run_of(body, {"status", "end_time", "run_name"})
    status, end_time, name = body.get("status"), body.get("end_time"), body.get("run_name", "")
    if not isinstance(run_id, str) or not run_id or ("status" in body and status not in [*STATUSES]):
        return None
    if "end_time" in body and (type(end_time) is not int or end_time not in INT64):
        return None
    if not _is_text(name, LONGEST_NAME):
        return None
    wanted = RunChanges(status, end_time, name)
    return Change(
        lambda sender: sender.may_use_run(run_id, "update"),
        lambda connection, writers: writers.runs.change(connection, run_id, wanted),
    )


def _tags(said: Any) -> dict[str, str] | None:
    """Give the tags of a list of them, if each is named once."""
    if not isinstance(said, list) or len(said) > MOST_TAGS:
        return None
    found = {}
    for tag in said:
        if not isinstance(tag, dict) or tag.keys() != {"key", "value"}:
            return None
        if not _is_text(tag["key"], LONGEST_NAME) or not _is_text(tag["value"], LONGEST_VALUE):
            return None
        found[tag["key"]] = tag["value"]
    return found if len(found) == len(said) else None


def _is_text(said: Any, longest: int) -> bool:
    return isinstance(said, str) and len(said) <= longest and "\0" not in said

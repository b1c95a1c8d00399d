"""Garbage that a CronJob collects: what was deleted in MLflow, removed for good."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.cluster.backup import SCHEDULE
from flowship.values.model.fields.section import LARGEST, Map, Section
from flowship.values.model.fields.shape import Shape

AGE = Shape(r"^([0-9]+[wdhms])+\z", "is no length of time. Write one such as `30d`, `12h` or `1d12h`.")

REQUESTS = {"cpu": "100m", "memory": "384Mi"}
"""What the container that collects requests."""


class GarbageCollection(Section):
    """A CronJob that removes for good what was deleted in MLflow long ago: runs, logged models and experiments with
    their traces, their artifacts first. What registered models and prompts point to stays."""

    enabled: bool = False
    """Collect garbage by the schedule. What it removes cannot be restored, not even from a backup, which has no
    artifacts."""
    schedule: Annotated[str, SCHEDULE] = "47 4 * * *"
    """When, as a CronJob writes it, in the time zone of the cluster."""
    olderThan: Annotated[str, AGE] = "30d"
    """How long ago something must have been deleted: `30d`, `12h`, `1d12h`. Until then it can be restored."""
    concurrencyPolicy: Literal["Forbid", "Replace", "Allow"] = "Forbid"
    """What becomes of a Job that is due while another one runs."""
    successfulJobsHistoryLimit: Annotated[int, Field(ge=0, le=LARGEST)] = 1
    """How many Jobs that succeeded are kept, with their logs."""
    failedJobsHistoryLimit: Annotated[int, Field(ge=0, le=LARGEST)] = 3
    """How many Jobs that failed are kept, with their logs."""
    activeDeadlineSeconds: Annotated[int, Field(ge=1, le=LARGEST)] = 43200
    """Seconds after which a Job is ended; the next one goes on where it was."""
    resources: Map = Field(default_factory=dict)
    """Requests and limits of the container. 100m of CPU and 384Mi of memory are requested where neither a request nor a
    limit of yours says more."""

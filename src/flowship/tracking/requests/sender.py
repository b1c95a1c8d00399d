"""Who sends a request, and what that user may do with runs and experiments: MLflow's own decisions."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from flowship.auth.in_mlflow.rights import is_admin
from flowship.auth.in_mlflow.run_experiments import KNOWN
from flowship.mlflow_seams.auth.users import users_store
from flowship.mlflow_seams.tracking import run_changes, run_rights
from flowship.mlflow_seams.tracking.searching import experiments as experiment_searches
from flowship.mlflow_seams.tracking.searching import runs as run_searches
from flowship.mlflow_seams.tracking.searching import traces as trace_searches
from flowship.mlflow_seams.tracking.traces import ends as trace_ends
from flowship.tracking.reading.traces import Hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowship.auth.authenticator import Identity
    from flowship.auth.in_mlflow.run_experiments import RunExperiments
    from flowship.mlflow_seams.tracking.run_rights import Action


class Sender:
    """Who sends one request. Without an identity, nobody logs in here, and everybody may do everything.

    Each question may ask the database of users, and raise what MLflow raises.
    """

    def __init__(self, identity: Identity | None, runs: RunExperiments = KNOWN) -> None:
        """`runs` remembers their experiments, by which MLflow decides about them."""
        self._identity = identity
        self._username = identity.username if identity else ""
        self._runs = runs

    @cached_property
    def may_everything(self) -> bool:
        """Whether permissions do not count."""
        return self._identity is None or is_admin(self._identity)

    def may_use_run(self, run_id: str, action: Action) -> bool:
        """Tell whether the run may be read, or changed; MLflow is to tell of one that is not there."""
        if self._needs_no_decision:
            return True
        experiment_id = self._experiment_of(run_id)
        return experiment_id is not None and self._may(
            ("run", experiment_id, action), lambda: run_rights.may_use_run(self._username, run_id, action)
        )

    def may_have_run(self, run_id: str, experiment_id: str) -> bool:
        """Tell whether the sender may be told of a run that was read, with its experiment."""
        if self._needs_no_decision:
            return True
        self._runs.remember(run_id, experiment_id)
        return self.may_use_run(run_id, "read")

    def is_known_to_use_run(self, run_id: str, action: Action) -> bool:
        """Tell whether it was decided a moment ago that the run may be read, or changed. Asks no database."""
        if self._needs_no_decision:
            return True
        experiment_id = self._runs.of(run_id)
        return experiment_id is not None and bool(
            users_store().knows_as_allowed((self._identity, "run", experiment_id, action))
        )

    def may_create_run(self, experiment_id: str) -> bool:
        """Tell whether a run may be made in the experiment."""
        what = ("new run", experiment_id)
        return self._may(what, lambda: run_changes.may_create_run(self._username, experiment_id))

    def may_read_runs(self, run_ids: Sequence[str]) -> bool:
        """Tell whether all of the runs may be read; MLflow is to tell of one that is not there."""
        if self._needs_no_decision:
            return True
        experiment_ids = {self._experiment_of(run_id) for run_id in run_ids}
        return None not in experiment_ids and self._may(
            ("runs", _short(sorted(filter(None, experiment_ids)))),
            lambda: run_rights.may_read_runs(self._username, run_ids),
        )

    def may_read_experiment(self, experiment_id: str) -> bool:
        """Tell whether the experiment may be read."""
        return self._may(
            ("experiment", experiment_id), lambda: run_rights.may_read_experiment(self._username, experiment_id)
        )

    def _experiment_of(self, run_id: str) -> str | None:
        """Give the experiment of the run; None if there is no such run."""
        experiment_id = self._runs.of(run_id)
        if experiment_id is None and (experiment_id := run_rights.experiment_of_run(run_id)) is not None:
            self._runs.remember(run_id, experiment_id)
        return experiment_id

    @property
    def _needs_no_decision(self) -> bool:
        """Whether it is known without a question that permissions do not count."""
        return self._identity is None or self._identity.is_admin is True

    def _may(self, what: tuple[str, ...], decide: Callable[[], bool]) -> bool:
        """Tell whether something is allowed, as it was decided a moment ago if nobody's rights were changed since."""
        if self._needs_no_decision:
            return True
        return bool(users_store().decided((self._identity, *what), lambda: self.may_everything or decide()))

    def experiments_with_runs(self, experiment_ids: Iterable[str]) -> list[str]:
        """Those of the experiments whose runs are found."""
        if self.may_everything:
            return list(experiment_ids)
        return list(filter(run_searches.finds_runs_of(self._username), experiment_ids))

    def finds_experiments(self) -> Callable[[str], bool] | None:
        """Make what decides whether a search finds an experiment; None where MLflow must search."""
        return (lambda _: True) if self.may_everything else experiment_searches.finds_experiments(self._username)

    def may_see_models(self) -> bool:
        """Tell whether it is told which logged models belong to runs."""
        return self.may_everything or run_searches.may_see_models(self._username)

    def may_search_traces(self, experiment_ids: Sequence[str], filter_string: str, order_by: Sequence[str]) -> bool:
        """Tell whether traces of all of these experiments may be searched so."""
        if self._needs_no_decision:
            return True
        kinds = sorted(trace_searches.asks_of(filter_string, order_by))
        return self._may(
            ("traces", _short(experiment_ids), *kinds),
            lambda: trace_searches.may_search(self._username, experiment_ids, kinds),
        )

    def hidden_of_traces(self, experiment_ids: Iterable[str]) -> Hidden:
        """Give what is not told of the traces of these experiments."""
        if self._needs_no_decision:
            return Hidden()
        of_others = trace_searches.metadata_of_others().items()
        return Hidden(
            frozenset(each for each in experiment_ids if not self._may_see_assessments(each)),
            frozenset(key for key, kind in of_others if not self._may_see(kind)),
        )

    def may_end_trace(self, experiment_id: str, run_id: str) -> bool:
        """Tell whether a trace in the experiment may be ended, of this run if there is one, and is told whole."""
        if self._needs_no_decision:
            return True
        may = self._may(("trace", experiment_id), lambda: trace_ends.may_send(self._username, experiment_id))
        return may and not self.hidden_of_traces(()).metadata and (not run_id or self.may_use_run(run_id, "update"))

    def _may_see_assessments(self, experiment_id: str) -> bool:
        return self._may(
            ("assessments", experiment_id), lambda: trace_searches.may_see_assessments(self._username, experiment_id)
        )

    def _may_see(self, kind: str) -> bool:
        return self._may(("seen in traces", kind), lambda: trace_searches.may_see(self._username, kind))


def _short(ids: Iterable[str]) -> str:
    """Give what stands for these ids where answers are remembered: of a hundred ids each, they would take a hundred
    megabytes in all."""
    return hashlib.sha256("\0".join(ids).encode()).hexdigest()

"""Puts what runs inside MLflow's app with users into it: once when it is loaded, and once in each worker."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.in_mlflow import rights, user_names
from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.auth.in_mlflow.authorize import sender
from flowship.auth.in_mlflow.cached_store import CachedStore
from flowship.auth.in_mlflow.ending_tokens import EndingTokens
from flowship.auth.in_mlflow.hashing import HashingStore
from flowship.auth.in_mlflow.one_reading import ambiguity
from flowship.auth.in_mlflow.run_experiments import with_known_runs
from flowship.mlflow_seams.auth import accounts as mlflow_accounts
from flowship.mlflow_seams.auth import decisions as mlflow_decisions
from flowship.mlflow_seams.auth import users as mlflow_users
from flowship.mlflow_seams.database.exact_names import find_exact_names
from flowship.mlflow_seams.loopholes.artifact_rights import keep_users_to_experiments
from flowship.mlflow_seams.loopholes.experiment_ids import deny_other_spellings
from flowship.mlflow_seams.loopholes.traces import keep_traces_to_their_users
from flowship.mlflow_seams.reading.one_reading import refuse_ambiguous
from flowship.mlflow_seams.tracking.run_rights import read_experiment_of_run

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from flowship.auth.generations import Generations
    from flowship.auth.sign_in import SignIn

KEPT_ELSEWHERE = (
    "Passwords are kept in the directory that this server asks, and not in MLflow. Change yours in the directory."
)


def install(sign_in: SignIn) -> None:
    """Change what MLflow's loaded app asks and decides, once for all workers."""
    if sign_in.passwords_in_mlflow:
        mlflow_accounts.check_new_names(user_names.refusal)
    if sign_in.gated:
        mlflow_accounts.offer_logging_out()
        if not sign_in.passwords_in_mlflow:
            mlflow_accounts.refuse_new_passwords(KEPT_ELSEWHERE)
    if sign_in.in_mlflows_app:
        rights.restrict()
        refuse_ambiguous(ambiguity)
        keep_users_to_experiments()
        keep_traces_to_their_users(asking_the_database, _remembered)
        deny_other_spellings()
        find_exact_names()
        if sign_in.gated:
            mlflow_users.tell_fastapi_who(sender)
        mlflow_users.dispose_auth_engine()


def install_in_worker(sign_in: SignIn, generations: Generations) -> None:
    """Put this worker's memory around what MLflow's app asks in each request; after the fork."""
    if not sign_in.in_mlflows_app:
        return
    mlflow_users.read_only_runs_with_models()
    mlflow_users.wrap_auth_store(lambda store: _store(store, sign_in.cache_ttl, generations))
    if sign_in.cache_ttl:
        mlflow_decisions.decide_refusals_again(asking_the_database)
        mlflow_users.wrap_run_lookup(partial(with_known_runs, read=read_experiment_of_run))


def _remembered(what: Hashable, decide: Callable[[], bool]) -> bool:
    """Tell whether something is allowed, as this worker's memory has it or MLflow decides it."""
    return bool(mlflow_users.users_store().decided(what, decide))


def _store(store: object, ttl: float, generations: Generations) -> CachedStore:
    """MLflow's store of users as this worker asks it; with a time of 0, only changes are told to the others."""
    hashing = HashingStore(EndingTokens(store), mlflow_users.hash_in_vain)
    return CachedStore(hashing, ttl, generations, mlflow_users.STORE_READS)

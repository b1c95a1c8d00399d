"""The entrance of those who come with a token of a trusted issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance
from flowship.auth.gate.basic_claims import mlflows_gateway
from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.auth.memory.remembering import RememberingAuthenticator
from flowship.auth.workloads.claims import WorkloadClaims
from flowship.auth.workloads.look_up import WorkloadLookUp
from flowship.mlflow_seams.auth.users import users_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.auth.sign_in import Worker
    from flowship.auth.workloads.settings import WorkloadSettings


def entrance(workloads: Sequence[WorkloadSettings], ttl: float, worker: Worker) -> Entrance:
    """Make the entrance; it is remembered for `ttl` seconds whose a token is, a minute at most, and not beyond the
    token's end."""
    authenticator = RememberingAuthenticator(
        WorkloadLookUp(workloads, _has_user), ttl, worker.generations, name="flowship-workloads"
    )
    issuers = frozenset(each.source.issuer for each in workloads)
    return Entrance(WorkloadClaims(issuers, mlflows_gateway(worker.static_prefix)), authenticator)


def _has_user(username: str) -> bool:
    with asking_the_database():
        return bool(users_store().has_user(username))

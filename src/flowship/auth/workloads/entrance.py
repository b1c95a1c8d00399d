"""The entrance of those who come with a token of a trusted issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance
from flowship.auth.gate.shown_secret import ShownSecret, like
from flowship.auth.in_mlflow.provisioning import has_user
from flowship.auth.memory.looking_up import LookUpAuthenticator
from flowship.auth.workloads.look_up import WorkloadLookUp
from flowship.auth.workloads.said_issuer import issuer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.auth.sign_in import Worker
    from flowship.auth.workloads.settings import WorkloadSettings


def entrance(workloads: Sequence[WorkloadSettings], ttl: float, worker: Worker) -> Entrance:
    """Make the entrance; it is remembered for `ttl` seconds whose a token is, a minute at most, and not beyond the
    token's end."""
    authenticator = LookUpAuthenticator(
        WorkloadLookUp(workloads, has_user), ttl, worker.generations, name="flowship-workloads"
    )
    issuers = frozenset(each.source.issuer for each in workloads)
    takes = like(lambda token: issuer_of(token) in issuers)
    return Entrance(ShownSecret(worker.gateway), authenticator, takes=takes)

"""Where MLflow compares an experiment's id with grants: as text, while its store makes a number of it.

`01`, ` 1` and `+1` were other experiments for grants, so that no DENY matched, and the same one for the store. All that
asks for a permission passes `fold_grants_for_key`: to an id in another spelling than MLflow's own it answers DENY here.
Since 3.18 grants know the number, and MLflow answers for itself. No id at all is the default experiment's for the
store, and so for grants too, in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPERIMENT_ID = r"(?:0|[1-9][0-9]{0,17})"
"""An experiment's id as MLflow writes it, not all that Python reads so; it fits into any database's integers."""

DEFAULT = "0"
"""The experiment that the store takes when a request names none."""

_ID = re.compile(EXPERIMENT_ID)
_NO_ID = (None, "")


def named_experiment(said: object) -> str | None:
    """Give the id that grants know of what a request says is an experiment; None for another spelling of one."""
    if said in _NO_ID:
        return DEFAULT
    text = str(said)
    return text if _ID.fullmatch(text) else None


def deny_other_spellings() -> None:
    """Give nobody but admins a permission for an experiment, or a scorer in one, whose id is spelled otherwise, where
    MLflow does not see that it is the same experiment."""
    auth: Any = auth_app()
    sees = hasattr(auth, "canonical_resource_id")
    fold, decide = auth.fold_grants_for_key, auth._resolve_requirement_decisions

    def folded(grants: Sequence[Any], key: Any) -> Any:
        if key.resource_id == "*":  # any of a kind
            return fold(grants, key)
        if key.resource_type == auth.RESOURCE_TYPE_EXPERIMENT:
            return of(named_experiment(key.resource_id), grants, key)
        if key.resource_type == auth.RESOURCE_TYPE_SCORER:
            experiment, slash, name = str(key.resource_id).partition("/")
            named = named_experiment(experiment)
            return of(named and f"{named}{slash}{name}", grants, key)
        return fold(grants, key)

    def of(named: str | None, grants: Sequence[Any], key: Any) -> Any:
        if named is None:
            return fold(grants, key) if sees else auth.DENY
        return fold(grants, key._replace(resource_id=named))

    def decided(username: str, anchor: tuple[str, str], requirements: Sequence[Any]) -> Any:
        # Before MLflow takes no id for any of the kind.
        return decide(username, anchor, [_with_id(auth, each) for each in requirements])

    graphql = auth.GraphQLAuthorizationMiddleware
    check = graphql._check_authorization

    def checked(middleware: Any, field: str, arguments: Any, username: str) -> bool:
        asked = arguments.get("input")
        if field == "mlflowGetExperiment" and getattr(asked, "experiment_id", DEFAULT) in _NO_ID:
            asked.experiment_id = DEFAULT  # else MLflow asks for no permission
        return bool(check(middleware, field, arguments, username))

    graphql._check_authorization = checked
    auth.fold_grants_for_key = folded
    auth._resolve_requirement_decisions = decided


def _with_id(auth: Any, requirement: Any) -> Any:
    if requirement.resource_type == auth.RESOURCE_TYPE_EXPERIMENT and requirement.resource_id in _NO_ID:
        return requirement._replace(resource_id=DEFAULT)
    return requirement

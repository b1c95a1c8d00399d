"""What users may do, where MLflow asks too little of them: decided here, and added to its own questions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth import disabled
from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.mlflow_seams.auth import rights as mlflow_rights
from flowship.mlflow_seams.auth import users as mlflow_users
from flowship.mlflow_seams.loopholes import optimization as mlflow_optimization
from flowship.mlflow_seams.loopholes import scorers as mlflow_scorers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowship.auth.authenticator import Identity
    from flowship.mlflow_seams.loopholes.optimization import Optimization

GIVING = frozenset({"EDIT", "MANAGE"})
"""Permissions whose holders give something to others: grants, or work in a review queue."""

USERS_WITHHELD = (
    "The names of users are for admins, and for those who may edit or manage something that they can share. Ask an "
    "admin."
)
ROLES_WITHHELD = "Roles are for admins, and for those who manage the workspace. Ask an admin."
JOBS_WITHHELD = (
    "Jobs of the server's own are for admins, because they run with its rights. Start one through the experiment, "
    "prompt or scorer that it is for."
)
DISABLING_WITHHELD = (
    f"{disabled.ROLE}: who has this role cannot sign in, so it is for admins to give, to take away and to change. Ask "
    "an admin."
)
DEMO_WITHHELD = (
    "The demo is for admins to make, because it adds experiments, traces and prompts that everybody sees. Ask an admin."
)


CLOUDS = ("bedrock", "vertex", "sagemaker")
"""How the names of providers begin whom the gateway asks with the server's own identity in their cloud, when a secret
holds none, or with a key in a file of the server's that a secret names."""


LONGEST_ID = 40
"""Characters of an id that a refusal repeats."""


def model_withheld(provider: str) -> str | None:
    """Say why a user who is no admin may not define a model of this provider, or None."""
    if not provider.lower().startswith(CLOUDS):
        return None
    return (
        f"Models of {provider} are for admins to define, because the server may ask for them with its own identity in "
        "that cloud. Ask an admin to define the model, and to permit you to use it."
    )


def sees_names(permissions: Iterable[str], default: str) -> bool:
    """Tell whether a user with these grants, who is no admin, may see who else there is."""
    return default in GIVING or not GIVING.isdisjoint(permissions)


def restrict() -> None:
    """Add what is decided here to what MLflow asks; its app with users must be loaded."""
    mlflow_rights.ask_before(mlflow_rights.USERS, partial(_confirmed, _users_withheld))
    mlflow_rights.ask_before(mlflow_rights.ROLES, partial(_confirmed, _roles_withheld))
    mlflow_rights.ask_before(mlflow_rights.ONE_ROLE, partial(_confirmed, _role_withheld))
    for route, method in mlflow_rights.CHANGING_ROLES.items():
        mlflow_rights.ask_before((route, f"AJAX_{route}"), partial(_confirmed, _disabling_withheld), method)
    mlflow_rights.ask_before_defining_models(model_withheld)
    mlflow_rights.ask_before_pointing_endpoints(endpoint_withheld)
    mlflow_optimization.ask_before_optimizing(optimization_withheld)
    mlflow_optimization.ask_before_detecting_issues(endpoint_unusable)
    mlflow_scorers.keep_managers()
    mlflow_rights.ask_before(mlflow_rights.DEMO, partial(_confirmed, _demo_withheld), "POST")
    mlflow_rights.withhold_submitting_jobs(JOBS_WITHHELD)


def _confirmed(refusal: Callable[[], str | None]) -> str | None:
    """Give a refusal that holds by what the database says now too: the sender may have become an admin elsewhere."""
    if refusal() is None:
        return None
    with asking_the_database():
        return None if mlflow_users.sender_is_admin() else refusal()


def endpoint_withheld(experiment: str) -> str | None:
    """Say why the sender may not point an endpoint of the gateway at this experiment, or None."""

    def refusal() -> str | None:
        if mlflow_rights.may_edit_experiment(experiment):
            return None
        return (
            f"experiment_id: an endpoint writes traces into its experiment, and you may not edit experiment "
            f"{experiment[:LONGEST_ID]!r}. Name one that you may edit, or ask for EDIT on it."
        )

    return _confirmed(refusal)


ENDPOINT_UNUSABLE = (
    "The model is an endpoint of the gateway that is not there, or that you may not use. Name another one, or ask for "
    "USE on it."
)


def endpoint_unusable(endpoint: str) -> str | None:
    """Say why the sender may not have a job ask this endpoint of the gateway, or None."""
    return _confirmed(lambda: None if mlflow_optimization.may_use_endpoint(endpoint) else ENDPOINT_UNUSABLE)


def optimization_withheld(job: Optimization) -> str | None:
    """Say why the sender may not start this job, which acts with rights of the server's own, or None."""
    return _confirmed(lambda: _optimization_withheld(job))


def _optimization_withheld(job: Optimization) -> str | None:
    if job.dataset and not mlflow_optimization.may_read_dataset(job.dataset):
        return "config.dataset_id: the job reads its records, and you may not. Name a dataset that you may read."
    if not mlflow_optimization.may_edit_prompts(job.prompts):
        return "source_prompt_uri: the job makes a new version of the prompt, which you may not edit. Name another one."
    if job.endpoint and not mlflow_optimization.may_use_endpoint(job.endpoint):
        return f"config.optimizer_config_json.reflection_model: {ENDPOINT_UNUSABLE}"
    options = job.options if isinstance(job.options, dict) else {}
    found = ["gepa_kwargs"] if options.get("gepa_kwargs") else mlflow_optimization.destinations(options)
    return f"config.optimizer_config_json: {destinations_withheld(found)}" if found else None


def destinations_withheld(found: list[str]) -> str:
    """Say why nobody may choose where a model's client of the server sends questions."""
    return (
        f"{', '.join(found)} may not be set: it chooses where the server sends questions and its keys, or where it "
        "writes files. Leave it out, and name a model or an endpoint of the gateway."
    )


def _demo_withheld() -> str:
    return DEMO_WITHHELD


def _disabling_withheld() -> str | None:
    return DISABLING_WITHHELD if mlflow_rights.asks_about_role(disabled.ROLE) else None


def _users_withheld() -> str | None:
    sees = sees_names(mlflow_rights.grants_of_sender(), mlflow_rights.default_permission())
    return None if sees else USERS_WITHHELD


def _roles_withheld() -> str | None:
    return None if mlflow_rights.administers_asked_workspaces() else ROLES_WITHHELD


def _role_withheld() -> str | None:
    return None if mlflow_rights.administers_the_role() else ROLES_WITHHELD


def is_admin(identity: Identity) -> bool:
    """Tell whether an identity is an admin's; asks MLflow's users where the authenticator left that to them. A user who
    was deleted is none.

    Raises MlflowException when the database does not answer.
    """
    if identity.is_admin is not None:
        return identity.is_admin
    return mlflow_users.is_admin(identity.username)

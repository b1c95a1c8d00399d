"""Where MySQL and MariaDB find a name in another spelling: `SECRET`, `Sécret` and `Secret ` are `Secret` to them.

MLflow compares the names of models, prompts, scorers and MCP servers with grants as text, so that no DENY matched
another spelling, while the store found what was meant. Here it finds names as they are written, as with any other
database.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow.exceptions import MlflowException

    Stored = Callable[[Any, Any, str, Mapping[str, Any]], list[str]]
    """Takes a store, a session, the name and the method's arguments; gives what the database takes for the name."""

MYSQL = frozenset({"mysql", "mariadb"})

MAKING = frozenset({"create_registered_model", "create_prompt", "create_mcp_server", "register_scorer"})
"""What makes something of a name."""


def find_exact_names() -> None:
    """Have MLflow's stores find nothing under another spelling of its name."""
    models = importlib.import_module("mlflow.store.model_registry.sqlalchemy_store")
    _guard(models.SqlAlchemyStore, ("name",), _of(models.SqlRegisteredModel), "Registered Model")
    tracking = importlib.import_module("mlflow.store.tracking.sqlalchemy_store")
    _guard(tracking.SqlAlchemyStore, ("experiment_id", "name"), _scorers(tracking), "Scorer", about="scorer")
    servers = importlib.import_module("mlflow.store.tracking.mcp_server_registry.sqlalchemy_mixin")
    for parameter in ("name", "server_name"):
        mixin = servers.SqlAlchemyMCPServerRegistryMixin
        _guard(mixin, (parameter,), _of(servers.SqlMCPServer), "MCP server", about="mcp")


def _guard(store: Any, leading: tuple[str, ...], stored: Stored, kind: str, *, about: str = "") -> None:
    """Look up the name before each public method whose first parameters are these."""
    for name, method in inspect.getmembers(store, inspect.isfunction):
        parameters = tuple(inspect.signature(method).parameters)[1:]
        if name.startswith("_") or "webhook" in name or about not in name:
            continue
        if parameters[: len(leading)] == leading:
            setattr(store, name, _looking_first(method, leading[-1], stored, kind))


def _looking_first(method: Callable[..., Any], parameter: str, stored: Stored, kind: str) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def looking(self: Any, *given: Any, **named: Any) -> Any:
        if self.engine.dialect.name in MYSQL:
            said = signature.bind(self, *given, **named).arguments
            other = _other(self, said[parameter], said, stored)
            if other is not None:
                raise _taken(kind, other) if method.__name__ in MAKING else _missing(kind, said[parameter])
        return method(self, *given, **named)

    return looking


def _other(store: Any, name: Any, said: Mapping[str, Any], stored: Stored) -> str | None:
    """Tell what the database would take for this name; None when that is the name itself, or nothing."""
    with store.ManagedSessionMaker(read_only=False) as session:  # a replica may not know yet
        found = stored(store, session, name, said)
    return found[0] if found and name not in found else None


def _missing(kind: str, name: Any) -> MlflowException:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST

    return MlflowException(f"{kind} with name={name} not found", RESOURCE_DOES_NOT_EXIST)


def _taken(kind: str, other: str) -> MlflowException:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS

    sentence = f"{kind} (name={other}) already exists, which the database takes for the same name. Write another one."
    return MlflowException(sentence, RESOURCE_ALREADY_EXISTS)


def _of(model: Any) -> Stored:
    """Give the names in a table that the database takes for this one, in the request's workspace."""

    def stored(store: Any, session: Any, name: str, said: Mapping[str, Any]) -> list[str]:
        return [row.name for row in store._get_query(session, model).filter(model.name == name)]

    return stored


def _scorers(tracking: Any) -> Stored:
    """Give the names of an experiment's scorers that the database takes for this one."""
    model = tracking.SqlScorer

    def stored(store: Any, session: Any, name: str, said: Mapping[str, Any]) -> list[str]:
        experiment = str(said["experiment_id"])
        if not experiment.isdecimal():
            return []  # for which MLflow has its own words
        rows = session.query(model.scorer_name).filter_by(experiment_id=int(experiment), scorer_name=name)
        return [row.scorer_name for row in rows]

    return stored

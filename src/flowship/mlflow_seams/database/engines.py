"""The engines of MLflow's stores: one for each database, with one pool, whatever store asks for it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

STORES = (
    "mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore",
    "mlflow.store.model_registry.sqlalchemy_store.SqlAlchemyStore",
    "mlflow.store.jobs.sqlalchemy_store.SqlAlchemyJobStore",
)
"""Each keeps its engines by URL for all of its kind, so that one database would have as many pools as stores."""


def share_engines() -> None:
    """Have all stores keep their engines in one place; called before any of them is opened."""
    first, *others = map(_load, STORES)
    for store in others:
        store._engine_map = first._engine_map
        store._engine_map_lock = first._engine_map_lock


def connect() -> None:
    """Connect to each database that a store was opened for, and keep the connections for those who ask next."""
    for engine in _engines():
        engine.connect().close()


def disconnect() -> None:
    """Close the connections of all stores, so that a fork shares none; they connect again when asked."""
    for engine in _engines():
        engine.dispose()


def _engines() -> list[Engine]:
    return list(_load(STORES[0])._engine_map.values())


def _load(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)

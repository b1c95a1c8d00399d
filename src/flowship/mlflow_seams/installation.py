"""Where MLflow is installed, and how its modules are imported without a word to the user."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def directory() -> Path:
    """Give the directory of the package `mlflow`. Raises ModuleNotFoundError when it is not installed."""
    specification = importlib.util.find_spec("mlflow")  # finds the package without importing it
    if specification is None or specification.origin is None:
        raise ModuleNotFoundError("mlflow is not installed", name="mlflow")
    return Path(specification.origin).parent


def module(name: str) -> Any:
    """Give a module of MLflow's, of which private names are taken and replaced, so that no type is known."""
    return importlib.import_module(name)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep alembic's line per revision, and warnings that only MLflow's makers can act on, from the user."""
    loggers = [logging.getLogger(name) for name in ("alembic", "alembic.runtime.migration", "mlflow.store.db.utils")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

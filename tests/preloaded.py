"""What costs most to import, imported once for all processes that tests fork.

It notes which variables are read meanwhile: a process that is given one of these begins as a program instead.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings

READ: set[str] = set()
"""The variables whose values were decided when this was imported."""


class _Noting(type(os.environ)):  # type: ignore[misc]  # the class has no public name
    def __getitem__(self, key: str) -> str:
        READ.add(str(key))
        return str(super().__getitem__(key))


plain, os.environ.__class__ = os.environ.__class__, _Noting
with warnings.catch_warnings(action="ignore"):
    import aiohttp  # noqa: F401
    import boto3  # noqa: F401
    import fastapi  # noqa: F401
    import flask  # noqa: F401
    import flask_cors  # noqa: F401
    import gunicorn.http  # noqa: F401
    import mlflow.gateway.guardrails
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
    import pydantic.v1  # noqa: F401
    import uvicorn.lifespan.on
    import uvicorn.protocols.http.httptools_impl  # noqa: F401
    import uvloop  # noqa: F401

    import flowship.auth.in_mlflow.installing
    import flowship.auth.pages.terminal_pages
    import flowship.cli.app
    import flowship.tracking.database

    flowship.cli.app.flowship.load()
os.environ.__class__ = plain

# They keep what a server is told, which is not known yet.
assert not {"mlflow.server", "prometheus_client", "gunicorn.config"} & sys.modules.keys()

# Else each process looks for garbage in all of this as it imports the rest, which takes a third of its start.
gc.collect()
gc.freeze()

"""What MLflow logs at each start, though nothing is to be done about it."""

from __future__ import annotations

QUIET = ("mlflow.server.jobs",)
"""Loggers that tell which schedulers there are."""

EXPERIMENTAL = (
    "mlflow.server.auth",
    "This feature is still experimental and may change in a future release without warning",
)
"""The logger and the words that greet whoever turns users on."""

STATIC_FILES = "/static-files/<path:path>"
"""The route, after the static prefix, of the scripts and pictures of which each page has a dozen."""

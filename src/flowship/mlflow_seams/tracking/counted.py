"""The tables of MLflow's tracking store that are counted for metrics, and the columns by which they are."""

from __future__ import annotations

EXPERIMENTS = "SELECT lifecycle_stage, COUNT(*) FROM experiments GROUP BY lifecycle_stage"
"""How many experiments there are in each stage."""

RUNS = "SELECT status, lifecycle_stage, COUNT(*) FROM runs {where} GROUP BY status, lifecycle_stage"
"""How many runs there are of each status in each stage."""

ESTIMATED = (
    "metrics",
    "params",
    "tags",
    "trace_info",
    "spans",
    "logged_models",
    "registered_models",
    "model_versions",
)
"""Tables that grow long, or that nobody needs to know to the last row."""

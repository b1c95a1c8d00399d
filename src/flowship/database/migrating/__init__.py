"""Bringing databases to the schema of this MLflow: what is there, what may be changed, and what was cut short."""

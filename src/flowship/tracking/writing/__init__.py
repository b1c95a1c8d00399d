"""Writes to MLflow's tables, for many requests in one transaction."""

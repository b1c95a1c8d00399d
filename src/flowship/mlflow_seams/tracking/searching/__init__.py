"""Searches of MLflow's tracking store: what they may ask, and MLflow's own parsers and clauses for each kind."""

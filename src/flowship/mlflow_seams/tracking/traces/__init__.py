"""Traces in MLflow's tracking store: their tables, and what it makes of what clients say of them."""

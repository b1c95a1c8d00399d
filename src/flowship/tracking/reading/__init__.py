"""Reads MLflow's tables, and says what they hold in the words of MLflow's JSON."""

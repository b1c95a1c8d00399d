"""MLflow for teams, from one values file."""

__version__ = "1.0.0"

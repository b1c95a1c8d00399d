"""The door in front of MLflow's app: who sends a request, and what those are told who may not come in."""

"""MLflow's app: what loads it, under which names it is reached, its jobs and its assistant."""

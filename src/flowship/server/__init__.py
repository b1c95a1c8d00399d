"""MLflow's server: its options and environment, and the process that runs it."""

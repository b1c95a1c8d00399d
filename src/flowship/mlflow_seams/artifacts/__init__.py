"""MLflow's artifacts: clients of stores, paths, the places that clients name, and transfers of files."""

"""Ways past MLflow's rights, each closed in the module of what a user could have had by it."""

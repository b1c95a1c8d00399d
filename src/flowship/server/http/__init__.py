"""What is in front of MLflow's app: one module for each concern."""

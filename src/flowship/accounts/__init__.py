"""MLflow's users, their roles and what they are granted, changed from the terminal."""

"""MLflow's users, their accounts, and how its app decides what they may do."""

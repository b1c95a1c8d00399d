"""What runs inside MLflow's own app: its users, what they may do, and how it is told who sends a request."""

"""How MLflow reads what clients send, before it answers."""

"""MLflow's tracking store: what the hot API shares with it, and what a search may ask of it."""

"""Users that MLflow keeps, with their passwords."""

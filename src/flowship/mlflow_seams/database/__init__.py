"""MLflow's databases: their schemas, engines and encryption, and how MySQL compares names."""

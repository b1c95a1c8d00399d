"""What Flowship keeps in small tables of its own beside MLflow's: MLflow looks only for the tables that it knows."""

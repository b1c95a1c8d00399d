"""The databases of MLflow: where they are, whether they answer, and their schema."""

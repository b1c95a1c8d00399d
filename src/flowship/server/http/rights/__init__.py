"""Who may do what, beyond MLflow's own rules: pages of other sites, and the assistant."""

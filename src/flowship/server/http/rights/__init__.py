"""Who may do what, beyond MLflow's own rules: the gate put together, pages of other sites, and the assistant."""

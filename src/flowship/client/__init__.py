"""What runs on the machine of who uses a server: the log-ins of `flowship login`, and MLflow's client's way to them."""

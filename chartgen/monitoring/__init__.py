"""Dashboards for Grafana, alerts for Prometheus, and the docs' lists of them, from the definitions of the metrics."""

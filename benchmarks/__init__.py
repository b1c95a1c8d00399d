"""Flowship beside upstream MLflow, on one machine and in one run: `python -m benchmarks`, or `make bench`."""

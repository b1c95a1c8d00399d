"""Writes traces, of which clients of OpenTelemetry send spans."""

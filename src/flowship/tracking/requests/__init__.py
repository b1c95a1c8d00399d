"""Requests to hot routes: what each one asks or wants to have written, read from its query or body."""

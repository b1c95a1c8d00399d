"""Backups of the databases: taken, checked, kept, and restored into empty ones."""

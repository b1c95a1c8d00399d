"""Chosen experiments as a directory of files that a person can read, and from there into another database."""

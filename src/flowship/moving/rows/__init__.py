"""Rows, from one kind of database to another: what tables mean, what would not fit, reading, writing, comparing."""

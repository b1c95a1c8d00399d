"""The rules of databases and stores, of the Secrets for them, and of what 0.16.5 left behind."""

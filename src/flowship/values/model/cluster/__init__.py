"""The sections that only Kubernetes acts on: pods, volumes, backups, and how the server is reached."""

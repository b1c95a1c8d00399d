"""The rules of what only Kubernetes acts on: pods, containers and backups."""

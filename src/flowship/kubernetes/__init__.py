"""The API of Kubernetes, for what only a pod with leave to do so can do."""

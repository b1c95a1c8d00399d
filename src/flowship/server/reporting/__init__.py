"""The reports of a server on itself: log, metrics, readiness, and the memory in which its processes tell each other."""

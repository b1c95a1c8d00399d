"""The plan of a server: from values to what its process is told, without any effect."""

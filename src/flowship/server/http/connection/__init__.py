"""Connections: what arrives on a socket before it is a request, and how answers leave by it."""

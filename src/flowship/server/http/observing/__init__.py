"""How the server and each request are: probes, what is known of a request, and the end of a worker."""

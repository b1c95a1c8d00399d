"""Where a request comes from and where it goes: addresses, forwarded headers, hosts and paths."""

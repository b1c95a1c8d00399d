"""Tokens of users, for programs: random texts with a name, an end and a scope, of which only a hash is kept."""

"""Files, from one store to another, each side with credentials of its own."""

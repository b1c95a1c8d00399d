"""The commands about the values file: whether it is right, what it leads to, what of another chart becomes it."""

"""The values: what users write, typed, with every default, constraint and conflict in one place."""

"""The model of the values: each section with its keys, their defaults and what they mean."""

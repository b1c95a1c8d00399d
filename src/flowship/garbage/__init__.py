"""Removes for good what was deleted long ago: artifacts first, rows after."""

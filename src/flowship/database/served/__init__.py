"""What Flowship adds to the engines of MLflow's server: turns for connections, and errors that people can read.

The plugin can be had from here too: installations look for it at this place, by pyproject.toml.
"""

from flowship.database.served.plugin import ServedPlugin, register

__all__ = ["ServedPlugin", "register"]

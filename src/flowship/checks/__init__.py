"""The checks that only try whether something works: databases, object store, directory, host names, a whole server."""

"""Moving everything from one place to another: rows between databases of any kind, files between stores."""

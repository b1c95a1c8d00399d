"""Who has signed in with a browser: a random id in a cookie, of which the users' database keeps only a hash."""

"""What is too much: large bodies, deep nesting, and more than the database can take."""

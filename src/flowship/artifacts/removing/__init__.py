"""Lists and removes what is below a folder of each store."""

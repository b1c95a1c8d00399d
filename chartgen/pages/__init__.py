"""The pages of the reference and of troubleshooting that are made from the code: a page says so in its first lines."""

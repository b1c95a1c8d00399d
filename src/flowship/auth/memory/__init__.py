"""What is remembered of those who have signed in, and of those who failed to."""

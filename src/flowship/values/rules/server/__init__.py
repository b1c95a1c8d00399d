"""The rules of the server itself: its options, and who may use it."""

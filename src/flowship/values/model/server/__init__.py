"""The sections of the server itself: its options, who may use it, and encryption."""

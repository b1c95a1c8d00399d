"""The commands about what is kept: backups, moves, exports, and what is removed for good."""

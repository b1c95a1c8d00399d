"""The ways to sign in, one module or folder each."""

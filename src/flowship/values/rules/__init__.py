"""The rules across keys: what may not be combined, and the sentences of everything that is refused."""

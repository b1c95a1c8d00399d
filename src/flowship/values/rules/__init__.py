"""The rules across keys: what may not be combined, and the sentences that say so."""

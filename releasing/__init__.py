"""Makes what a release consists of, the same from the same commit: docs/how-to/releasing.md tells of publishing it."""

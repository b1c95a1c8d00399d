"""Files of a store, read and written piece by piece: constant memory, no file in between."""

"""Where artifacts go, and what the object store's client needs to reach them."""

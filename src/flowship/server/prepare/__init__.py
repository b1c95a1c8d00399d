"""The preparation of a server: its directories, its databases and what must be in them."""

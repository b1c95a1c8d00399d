"""The processes of a server: the main one, its workers, and what runs beside them."""

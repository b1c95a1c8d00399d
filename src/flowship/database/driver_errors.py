"""What drivers say of an error by which programs can tell it: PostgreSQL's states, and MySQL's numbers."""

from __future__ import annotations


def state_of(original: BaseException) -> str:
    """Give the SQLSTATE of an error of psycopg2, which has it as `pgcode`, or psycopg; empty for one without."""
    return str(getattr(original, "pgcode", None) or getattr(original, "sqlstate", None) or "")


def number_of(original: BaseException) -> int | None:
    """Give the number of an error of PyMySQL, which has it as its first argument; None for one without."""
    number = original.args[0] if original.args else None
    return number if isinstance(number, int) else None

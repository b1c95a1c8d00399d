"""Whether the database was too busy, or away, for a request: the answer then says when to come again."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Request:
    """A request that is being answered, in whatever thread: a copied context still has this one object."""

    met_busy_database: bool = False


CURRENT: ContextVar[Request | None] = ContextVar("flowship_request_of_the_database", default=None)


def note() -> None:
    """Note that the database was busy, for the request that this context belongs to, if it belongs to one."""
    if request := CURRENT.get():
        request.met_busy_database = True

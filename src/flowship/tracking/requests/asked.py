"""A question to the hot API, and what many of them are understood by."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from flowship.tracking.reading.readers import Readers
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.sender import Sender

    Read = Callable[[Connection, Readers], Json | None]

Query = dict[str, Any]
"""What a query says: texts, and lists of them where it may say something more than once."""

NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
"""A number that has one spelling only, and fits into 64 bits."""

INT32 = range(2**31)
"""Numbers that protobuf takes for a size or a step, without those below zero."""

INT64 = range(-(2**63), 2**63)
"""Numbers that a column takes for a time or a step."""


def _anyone(sender: Sender, found: Json) -> bool:
    return True


class Asked(NamedTuple):
    """A question that is understood."""

    read_for: Callable[[Sender], Read | None]
    """What reads it for this sender; None for one who may not ask. Decided before anything is read, and without a
    connection that others wait for."""
    may_have: Callable[[Sender, Json], bool] = _anyone
    """Whether the sender may have this answer, where only the answer tells."""
    is_compact: bool = False
    """Whether MLflow answers without spaces and lines between what it says."""


def run_of(query: Query, others: AbstractSet[str] = frozenset()) -> str:
    """Give the run that the query names, once or by both of its names, beside what else it may say; empty if it does
    not."""
    run_id = query.get("run_id", "")
    return run_id if query.keys() <= {"run_id", "run_uuid", *others} and query.get("run_uuid", run_id) == run_id else ""


def texts(said: Any) -> tuple[str, ...] | None:
    """Give the texts of a list of them."""
    return tuple(said) if isinstance(said, list) and all(isinstance(each, str) for each in said) else None


def number(text: Any, within: range) -> int | None:
    """Give the number that the text is in its one spelling, if it is one of these."""
    found = int(text) if isinstance(text, str) and NUMBER.fullmatch(text) else -1
    return found if found in within else None

"""Groups of what requests write: taken together, or each by itself, so that no other pays for one that is not taken."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Writes = TypeVar("Writes")

_logger = logging.getLogger(__name__)


def taken(
    group: Sequence[Writes], write: Callable[[Sequence[Writes]], list[bool]], errors: type[Exception]
) -> list[bool]:
    """Write a group with `write`, and say of each request whether its writes are in the database for good.

    After one of `errors` each request is written by itself, and who meets one alone is left to MLflow.
    """
    try:
        return write(group)
    except OperationalError:  # away or busy: it would be for each of them
        return [False] * len(group)
    except errors:
        _logger.debug("the writes of %d requests are not taken", len(group), exc_info=True)
        return [False] if len(group) == 1 else [taken([writes], write, errors)[0] for writes in group]

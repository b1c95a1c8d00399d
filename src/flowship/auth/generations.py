"""How a worker learns that another one has changed users or what they may do: numbers in memory that all of them share.

Who changes something writes another number, at random. That needs neither a lock nor the number from before, and a
number that was there once does not come back, so what is remembered is right as long as its number is still there.
"""

from __future__ import annotations

import secrets

USERS = 1024
"""Numbers for users, who share them by their names: a change makes some others be verified once more, too."""
BYTES = 8 * (1 + USERS)
"""Memory that the numbers take."""


class Generations:
    """Holds the numbers. Read them before the database is asked, and compare them when the answer is used again."""

    def __init__(self, memory: memoryview | None = None) -> None:
        """`memory` of `BYTES` is shared with processes that are forked afterwards; without it nothing is."""
        self._numbers = (memoryview(bytearray(BYTES)) if memory is None else memory).cast("B").cast("Q")

    @property
    def store(self) -> int:
        """The number of everything in the store of users."""
        return self._numbers[0]

    def of(self, username: str) -> int:
        """Give the number of this user, who was neither changed nor deleted as long as it is the same."""
        return self._numbers[_place(username)]

    def copy(self) -> Generations:
        """Give the numbers as they are now, for a question of which only the answer tells whom it is about."""
        return Generations(memoryview(bytearray(self._numbers)))

    def store_changed(self) -> None:
        """Report that something in the store of users was changed: a user, a role, a grant."""
        self._numbers[0] = secrets.randbits(64)

    def user_changed(self, username: str) -> None:
        """Report that a user was changed or deleted, so that the password may be another one."""
        self._numbers[_place(username)] = secrets.randbits(64)


def _place(username: str) -> int:
    return 1 + hash(username) % USERS  # forked processes have the same hashes

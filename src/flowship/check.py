"""What was tried and whether it works: said by `checks/`, and by ways to sign in of what verifies their users."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """Says of one thing that was tried whether it works, in a sentence for a person."""

    works: bool
    sentence: str

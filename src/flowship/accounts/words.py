"""Names that are not there, told with the one that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from flowship.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown(what: str, name: str, known: Iterable[str], otherwise: str) -> AccountsError:
    """Give the refusal of a name; `otherwise` says what to do where none is near."""
    spelt = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), spelt, n=1)
    return AccountsError(f"{what} {name!r}. {f'Did you mean {spelt[near[0]]!r}?' if near else otherwise}")

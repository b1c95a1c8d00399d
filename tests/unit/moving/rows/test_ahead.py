from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from flowship.moving.rows.ahead import Ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_all_is_given_in_its_order() -> None:
    assert list(Ahead(lambda: iter(range(20)), 2)) == list(range(20))


def test_an_error_comes_where_it_is_used() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    found: list[int] = []
    with pytest.raises(ValueError, match="broken"):
        found.extend(Ahead(source, 2))


def test_the_thread_ends_with_whoever_uses_it() -> None:
    def source() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    items = iter(Ahead(source, 2))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "flowship-ahead"]

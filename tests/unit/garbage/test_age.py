from __future__ import annotations

from datetime import timedelta

import pytest

from flowship.errors import GarbageError
from flowship.garbage.age import age


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30d", timedelta(days=30)),
        ("1d12h", timedelta(days=1.5)),
        ("0s", timedelta()),
        ("2w", timedelta(days=14)),
        ("90m", timedelta(hours=1.5)),
        (f"{10**20}d", timedelta(days=36_600)),
    ],
)
def test_ages_are_read(text: str, length: timedelta) -> None:
    assert age(text) == length


@pytest.mark.parametrize("text", ["", "30", "d", "30 d", "1.5d", "-1d", "30D", "month"])
def test_what_is_no_age_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(GarbageError, match=r"is no length of time. Write one such as 30d, 12h or 1d12h\."):
        age(text)

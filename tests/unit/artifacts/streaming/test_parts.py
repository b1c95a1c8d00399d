"""Uploads in parts: when they are sent, and how large they are."""

from __future__ import annotations

import pytest

from flowship.artifacts.streaming.parts import MOST_PARTS, PartWriter, part_size
from flowship.artifacts.streaming.store import PART


class Recorded:
    """A store that only remembers."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def whole(self, data: bytes) -> None:
        self.calls.append(("whole", len(data)))

    def part(self, number: int, data: bytes) -> None:
        self.calls.append((number, len(data)))

    def complete(self) -> None:
        self.calls.append("complete")

    def abort(self) -> None:
        self.calls.append("abort")


@pytest.mark.parametrize("size", [0, 1, PART])
def test_what_fits_into_one_part_is_one_request(size: int) -> None:
    store = Recorded()
    writer = PartWriter(store, size)
    writer.write(b"x" * size)
    writer.finish()

    assert store.calls == [("whole", size)]


@pytest.mark.parametrize("block", [1 << 20, 3 << 20, 50 << 20])
def test_parts_are_of_equal_size_however_the_bytes_come(block: int) -> None:
    store = Recorded()
    writer = PartWriter(store, None)
    size = 2 * PART + 1
    for start in range(0, size, block):
        writer.write(b"x" * min(block, size - start))
    writer.finish()

    assert store.calls == [(1, PART), (2, PART), (3, 1), "complete"]


def test_an_upload_that_has_begun_is_forgotten_when_it_is_given_up() -> None:
    small, large = Recorded(), Recorded()
    for store, size in ((small, 5), (large, PART + 1)):
        writer = PartWriter(store, None)
        writer.write(b"x" * size)
        writer.abort()

    assert small.calls == []
    assert large.calls == [(1, PART), "abort"]


def test_a_huge_file_has_larger_parts() -> None:
    assert part_size(None) == part_size(PART * MOST_PARTS) == PART
    assert part_size(5 * 2**40) * MOST_PARTS >= 5 * 2**40

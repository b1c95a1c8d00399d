from __future__ import annotations

import mmap
import os

from flowship.auth.generations import BYTES, Generations


def test_a_change_of_the_store_is_none_of_a_user() -> None:
    generations = Generations()
    store, ann = generations.store, generations.of("ann")

    generations.store_changed()

    assert generations.store != store
    assert generations.of("ann") == ann


def test_a_change_of_a_user_is_that_users() -> None:
    generations = Generations()
    names = [f"user{number}" for number in range(100)]
    before = {name: generations.of(name) for name in names}

    generations.user_changed("user7")

    changed = {name for name in names if generations.of(name) != before[name]}
    assert "user7" in changed
    assert len(changed) < 10  # others may share the number


def test_a_number_does_not_come_back() -> None:
    generations = Generations()
    seen = set()
    for _ in range(1000):
        seen.add(generations.store)
        generations.store_changed()

    assert len(seen) == 1000


def test_a_copy_stays_as_it_was() -> None:
    generations = Generations()
    generations.user_changed("ann")
    copy = generations.copy()
    assert copy.of("ann") == generations.of("ann")

    generations.user_changed("ann")

    assert copy.of("ann") != generations.of("ann")


def test_a_change_in_one_process_is_seen_in_another() -> None:
    generations = Generations(memoryview(mmap.mmap(-1, BYTES)))
    store, ann = generations.store, generations.of("ann")

    if not (child := os.fork()):
        generations.store_changed()
        generations.user_changed("ann")
        os._exit(0)
    os.waitpid(child, 0)

    assert generations.store != store
    assert generations.of("ann") != ann

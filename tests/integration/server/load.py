"""Load by clients without retries, in threads of the tests: each request that gets no good answer is a lost one."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, Self

from tests.integration.server.asking import SEARCH, ask, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.integration.server.asking import Answer

Client = tuple[bool, float]
"""Whether it keeps its connection, and its pause between requests in seconds."""

NEW, BUSY, IDLE = (False, 0.0), (True, 0.0), (True, 1.0)
"""The raw clients of docs/explanation/decisions.md."""
KINDS: Sequence[Client] = (NEW, BUSY, IDLE, IDLE)


@dataclass
class Load:
    """Clients that ask until the end of a ``with`` block."""

    address: str
    clients: Sequence[Client] = KINDS
    path: str = SEARCH
    headers: Mapping[str, str] = field(default_factory=dict)
    each: Callable[[Answer], None] = lambda answer: None
    answered: Counter[Client] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """How each request without a good answer ended."""

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(client,), daemon=True) for client in self.clients]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def count(self) -> int:
        """Requests that were answered well so far."""
        return sum(self.answered.values())

    def _ask(self, client: Client) -> None:
        keeps, pause = client
        connection = connect(self.address)
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                answer = ask(connection, self.path, headers=self.headers)
            except (OSError, HTTPException) as error:
                self.lost.append(f"{client}: {error!r} after {time.monotonic() - began:.2f} s")
                continue
            if answer.status == HTTPStatus.OK:
                self.answered[client] += 1
            else:
                self.lost.append(f"{client}: {answer.status} {answer.text[:200]}")
            self.each(answer)
            if not keeps:
                connection.close()
            self._stop.wait(pause)
        connection.close()

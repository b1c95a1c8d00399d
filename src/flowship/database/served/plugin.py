"""What the server adds to MLflow's engines: a plugin of SQLAlchemy, which travels in the URL to every process that
MLflow starts, and patches nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import CreateEnginePlugin
from sqlalchemy.pool import QueuePool

from flowship.database.drivers import PSYCOPG
from flowship.database.engine import unprepared
from flowship.database.served.ordered_pool import OVERFLOW, SIZE, OrderedPool, shared_turns
from flowship.database.served.rewording import reword
from flowship.database.url import PLUGIN

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine


class ServedPlugin(CreateEnginePlugin):
    """A pool in which requests wait in order, errors without SQL, and statements that a pooler in between can take."""

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        super().__init__(url, kwargs)
        _order(kwargs)
        if url.drivername == PSYCOPG:
            kwargs["connect_args"] = unprepared(kwargs.get("connect_args", {}))

    def update_url(self, url: URL) -> URL:
        """Leave the URL as it is; SQLAlchemy has taken the plugin's name out of it."""
        return url

    def engine_created(self, engine: Engine) -> None:
        """Listen to the errors of the engine."""
        event.listen(engine, "handle_error", reword)


def connections(pool_size: int | None, max_overflow: int | None) -> int | None:
    """Count the connections that a process may have in use for a pool of this size; None for as many as it likes.
    Without a size these are SQLAlchemy's own."""
    size = SIZE if pool_size is None else pool_size
    overflow = OVERFLOW if max_overflow is None else max_overflow
    return None if size == 0 or overflow < 0 else size + overflow


def _order(kwargs: dict[str, Any]) -> None:
    """Put the pool in order, unless a user has chosen a kind of pool, or one without limit."""
    total = connections(kwargs.get("pool_size"), kwargs.get("max_overflow"))
    if kwargs.get("poolclass", QueuePool) is QueuePool and total is not None:
        kwargs |= {"poolclass": OrderedPool, "turns": shared_turns(total)}


def register() -> None:
    """Make the plugin known in this process, where the installation is older than its entry point in pyproject.toml."""
    plugins.register(PLUGIN, __name__, ServedPlugin.__name__)

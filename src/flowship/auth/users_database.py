"""The database of users where it does not answer: what its driver raises, and MLflow's store around it, told alike."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio.to_thread

from flowship.auth.responding import respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowship.auth.responding import Send

DOWN = "The database does not answer. Try again in a few seconds."
"""Told to people and programs."""

RETRY_AFTER = 5
"""Seconds after which to ask again."""

_logger = logging.getLogger(__name__)


class UsersDatabaseError(Exception):
    """Says that the database of users did not answer."""


@contextmanager
def asking_users(in_vain: str) -> Iterator[None]:
    """Ask the database of users in here. Where it does not answer, the log begins with `in_vain`: what cannot be done.

    Raises:
        UsersDatabaseError: it does not answer.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        _failed(in_vain, type(error).__name__)
        raise UsersDatabaseError from error
    except MlflowException as error:  # its store wraps what a database that is down raises
        _failed(in_vain, error.error_code)
        raise UsersDatabaseError from error


def _failed(in_vain: str, how: str) -> None:
    _logger.warning("%s, because the users' database failed: %s", in_vain, how)


async def answer_of_users(ask: Callable[[], bool], in_vain: str, send: Send) -> bool | None:
    """Ask the database of users, in a thread, about who has come in already. Where it does not answer, give None: then
    the client has been told, and the log."""
    try:
        with asking_users(in_vain):
            return await anyio.to_thread.run_sync(ask)
    except UsersDatabaseError:
        retry_after = (b"retry-after", str(RETRY_AFTER).encode())
        await respond(send, HTTPStatus.SERVICE_UNAVAILABLE, DOWN.encode(), more=[retry_after])
        return None

"""What a user is told of an error of the database: a sentence about the request, and no SQL.

MLflow puts the text of SQLAlchemy's errors into its answers: statements, parameters, and what the driver says. Here the
errors get another text before MLflow sees them; the log keeps the old one. An error for a value that no database could
keep, or for a statement beyond its limits, becomes a DataError, which MLflow answers by 400: a 500 or 503 is sent again
by clients, seven times.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from flowship.database.connection_errors import Obstacle, obstacle_of
from flowship.database.driver_errors import number_of, state_of
from flowship.database.served import busy
from flowship.database.served.unfit import unfit_value

if TYPE_CHECKING:
    from sqlalchemy import ExceptionContext

_logger = logging.getLogger(__name__)

FULL = "The database has no connection left for this request. Try again later."
LOCKED = "The database was busy with other writers for too long. Try again later."
AWAY = "The database does not answer at the moment. Try again later."
UNFINISHED = "The database could not finish this request beside others. Try again later."
CONFLICT = "The request conflicts with what the database holds already, or refers to what it does not hold."
UNKEPT = "The database cannot keep a value of this request"
COMPLEX = (
    "The request asks for more at once than the database does in one statement. Ask for less: fewer conditions in a "
    "search, or several requests."
)
REFUSED = "The database did not accept this request. The server's log says why."

# SQLSTATE: data exceptions, and limits such as the size of an index's row.
UNFIT_STATES = ("22", "54")
# Out of range, not of the column's character set, a wrong date, too long, invalid JSON, a row or an index too large.
UNFIT_NUMBERS = frozenset({1071, 1118, 1264, 1292, 1300, 1366, 1406, 3140})

# Limits of a statement, which the same request meets each time: too complex, too many columns or arguments.
COMPLEX_STATES = ("54001", "54011", "54023")
# Too many tables, columns, parameters or levels, too little stack for them, a packet that is too large.
COMPLEX_NUMBERS = frozenset({1116, 1117, 1153, 1390, 1436, 1473})
# SQLite's, and those of drivers, have no numbers of their own.
COMPLEX_WORDS = (
    "tables in a join",
    "too many SQL variables",
    "Expression tree is too large",
    "too many terms in",
    "too many columns in",
    "parser stack overflow",
    "number of parameters must be between",
)

LONGEST_STATEMENT = 500

Error = TypeVar("Error", bound=DBAPIError)


def reword(context: ExceptionContext) -> BaseException | None:
    """Give an error its sentence, or put another error in its place; SQLAlchemy's event `handle_error` calls this."""
    error, original = context.sqlalchemy_exception, context.original_exception
    if not isinstance(original, Exception):
        return None  # the process is told to end
    found = unfit_value(context.execution_context)
    if error is None:
        # Not the driver's: Python itself could not hand a value over, such as NUL or a number of more than 64 bits.
        if not isinstance(original, ValueError | OverflowError):
            return None
        _log(context, logging.WARNING)
        return reworded(DataError(None, None, original), f"{UNKEPT}: {found}." if found else f"{UNKEPT}.")
    if isinstance(error, IntegrityError):
        _log(context, logging.DEBUG)  # MLflow provokes them, to see whether a name is taken
        reworded(error, CONFLICT)
        return None
    _log(context, logging.WARNING)
    if not isinstance(error, DBAPIError):
        return None
    if _is_too_complex(original):
        return reworded(DataError(None, None, original), COMPLEX)
    if _is_about_a_value(error, original):
        sentence = f"{UNKEPT}: {found or _own_words(original)}."
        return reworded(error if isinstance(error, DataError) else DataError(None, None, original), sentence)
    reworded(error, _sentence(error, original, context))
    return None


def reworded(error: Error, sentence: str) -> Error:
    """Give an error this text, and take the statement out of it; returns the same error."""
    error.args = (sentence,)
    error.statement = error.params = None
    error.code = ""
    error.detail = []
    return error


def _sentence(error: DBAPIError, original: BaseException, context: ExceptionContext) -> str:
    if not isinstance(error, OperationalError):
        return REFUSED
    busy.note()
    kind = obstacle_of(original, context.dialect.name)
    if kind is Obstacle.FULL:
        return FULL
    if "database is locked" in str(original):
        return LOCKED
    if kind is Obstacle.UNKNOWN and not context.is_disconnect and context.connection is not None:
        return UNFINISHED
    return AWAY


def _is_about_a_value(error: DBAPIError, original: BaseException) -> bool:
    if isinstance(error, DataError) or state_of(original).startswith(UNFIT_STATES):
        return True
    return number_of(original) in UNFIT_NUMBERS


def _is_too_complex(original: BaseException) -> bool:
    if state_of(original) in COMPLEX_STATES or number_of(original) in COMPLEX_NUMBERS:
        return True
    return any(words in str(original) for words in COMPLEX_WORDS)


def _own_words(original: BaseException) -> str:
    """Tell what the server itself says of a value, without the lines in which libpq quotes the statement."""
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    words = primary or original.args[-1] if original.args else ""
    return " ".join(str(words).split("\n")[0].split()).rstrip(".")


def _log(context: ExceptionContext, level: int) -> None:
    statement = " ".join((context.statement or "").split())
    if len(statement) > LONGEST_STATEMENT:
        statement = f"{statement[:LONGEST_STATEMENT]}..."
    said = " ".join(str(context.original_exception).split())
    _logger.log(level, "the database, or its driver, says: %s (statement: %s)", said, statement or "none")

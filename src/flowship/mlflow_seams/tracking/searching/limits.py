"""Where MLflow reads what a search asks for: each condition on a metric, parameter or tag is one more table to join.

MLflow reads any number of them, and a statement that no database takes, or for minutes, is found out by trying it. The
text itself is read by parsers written in Python, for which a megabyte is work for minutes.
"""

from __future__ import annotations

import importlib
import inspect
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow.exceptions import MlflowException

MOST = 50
"""Comparisons in the filter of a search, and fields in its order, together: SQLite joins 64 tables, MySQL 61."""

LONGEST = 50_000
"""Characters of a filter, of all fields to order by together, and of a query in GraphQL; a thousand ids of runs are
37,000."""

STORES = ("mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store")
PARSERS = ("SearchUtils", "SearchModelVersionUtils")
"""What reads filters; all others of MLflow's inherit from them, or call them, but for that of logged models."""

_ROOM: ContextVar[int] = ContextVar("comparisons that the search of now may have", default=MOST)


def limit_searches() -> None:
    """Refuse a search with more conditions than `MOST`, before a statement is made of them."""
    for module in STORES:
        store: Any = importlib.import_module(module).SqlAlchemyStore
        for name in _searches(store):
            setattr(store, name, _ordered(getattr(store, name)))
    parsers = importlib.import_module("mlflow.utils.search_utils")
    for name in PARSERS:
        parser: Any = getattr(parsers, name)
        parser.parse_search_filter = classmethod(_counted(vars(parser)["parse_search_filter"].__func__))
    parsers.SearchUtils._validate_order_by_and_generate_token = classmethod(
        _short(vars(parsers.SearchUtils)["_validate_order_by_and_generate_token"].__func__)
    )
    parsers.SearchUtils.parse_start_offset_from_page_token = classmethod(
        _readable(vars(parsers.SearchUtils)["parse_start_offset_from_page_token"].__func__)
    )
    of_models: Any = importlib.import_module("mlflow.utils.search_logged_model_utils")
    of_models.parse_filter_string = _counted(of_models.parse_filter_string)
    _limit_graphql()


def _limit_graphql() -> None:
    """Limit GraphQL's requests, for which MLflow's route takes the parser from its package each time."""
    graphql: Any = importlib.import_module("graphql")
    parse = graphql.parse

    def parse_some(source: Any, *given: Any, **named: Any) -> Any:
        if isinstance(source, str) and len(source) > LONGEST:
            raise _too_long("query", len(source))
        return parse(source, *given, **named)

    graphql.parse = parse_some


def _searches(store: Any) -> list[str]:
    """Give the methods that search in an order: what calls another of them is counted there once more, harmlessly."""
    methods = inspect.getmembers(store, inspect.isfunction)
    return [
        name
        for name, method in methods
        if not name.startswith("_") and {"filter_string", "order_by"} <= set(inspect.signature(method).parameters)
    ]


def _ordered(search: Callable[..., Any]) -> Callable[..., Any]:
    """Give the search, with as much room for its filter as its order leaves."""
    parameters = list(inspect.signature(search).parameters)
    position = parameters.index("order_by")

    @wraps(search)
    def limited(*given: Any, **named: Any) -> Any:
        order = named.get("order_by") if len(given) <= position else given[position]
        room = MOST - len(order or ())
        if (length := sum(len(each) for each in order or () if isinstance(each, str))) > LONGEST:
            raise _too_long("order_by", length)
        if room < 0:
            raise _too_many(MOST - room)
        token = _ROOM.set(room)
        try:
            return search(*given, **named)
        finally:
            _ROOM.reset(token)

    return limited


def _short(parse: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(parse)
    def short(cls: Any, order_by: Any) -> Any:
        if isinstance(order_by, str) and len(order_by) > LONGEST:
            raise _too_long("order_by", len(order_by))
        return parse(cls, order_by)

    return short


def _readable(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Make what reads a page's token, which is a client's to forge: an error of Python's is the request's fault too."""
    from mlflow.exceptions import MlflowException

    @wraps(parse)
    def readable(cls: Any, page_token: Any) -> Any:
        try:
            return parse(cls, page_token)
        except (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError) as error:
            raise MlflowException.invalid_parameter_value("page_token: is none of this server's.") from error

    return readable


def _counted(parse: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(parse)
    def counted(*given: Any, **named: Any) -> Any:
        length = max((len(each) for each in (*given, *named.values()) if isinstance(each, str)), default=0)
        if length > LONGEST:
            raise _too_long("filter", length)
        found = parse(*given, **named)
        room = _ROOM.get()
        if len(found) > room:
            raise _too_many(len(found) + MOST - room)
        return found

    return counted


def _too_long(what: str, length: int) -> MlflowException:
    from mlflow.exceptions import MlflowException

    error: MlflowException = MlflowException.invalid_parameter_value(
        f"{what}: has {length} characters, and may have {LONGEST}. Ask for less at once."
    )
    return error


def _too_many(found: int) -> MlflowException:
    from mlflow.exceptions import MlflowException

    error: MlflowException = MlflowException.invalid_parameter_value(
        f"filter, order_by: the search has {found} comparisons and fields to order by, and may have {MOST}. Use fewer, "
        "or several searches."
    )
    return error

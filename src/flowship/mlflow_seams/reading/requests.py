"""How MLflow reads what a client sent: it goes on after a field that does not parse, and fails by what is too deep."""

from __future__ import annotations

import importlib
import json
import threading
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_DEEP = json.dumps(
    {
        "error_code": "INVALID_PARAMETER_VALUE",
        "message": "The request is nested too deeply to be read. Put fewer lists, objects or fields inside each other.",
    }
)
"""What is answered, as MLflow writes its errors, to what is nested deeper than Python reads."""

READS_ONLY = frozenset({"GET", "HEAD"})
"""Their parameters narrow an answer, and MLflow ignores a wrong one; nothing is stored."""


def refuse_unparsed() -> None:
    """Have MLflow's handlers answer 400 for a body with a field that does not parse, such as a timestamp of 2^64.

    MLflow checks the fields that it has rules for, and then stores zero, or nothing, for that one and all after it.
    """
    handlers: Any = importlib.import_module("mlflow.server.handlers")
    last = threading.local()
    handlers.parse_dict = _remembering(handlers.parse_dict, last)
    handlers._validate_request_json_with_schema = _refusing(handlers._validate_request_json_with_schema, last)


def _remembering(parse: Callable[[Any, Any], None], last: threading.local) -> Callable[[Any, Any], None]:
    from google.protobuf.json_format import ParseError

    @wraps(parse)
    def parse_dict(js_dict: Any, message: Any) -> None:
        last.words = None
        try:
            parse(js_dict, message)
        except OverflowError as error:  # a number beyond all floats, which MLflow does not expect
            last.words = str(error)
            raise ParseError(last.words) from error
        except Exception as error:
            last.words = str(error)
            raise

    return parse_dict


def _refusing(validate: Callable[..., None], last: threading.local) -> Callable[..., None]:
    from flask import request
    from mlflow.exceptions import MlflowException

    @wraps(validate)
    def validate_request(request_json: Any, schema: Any, proto_parsing_succeeded: bool | None) -> None:
        validate(request_json, schema, proto_parsing_succeeded)
        if proto_parsing_succeeded is False and request.method not in READS_ONLY:
            raise MlflowException.invalid_parameter_value(f"The request is not understood: {last.words}")

    return validate_request


def refuse_unreadable() -> None:
    """Have Flask answer 400 to what is nested too deeply, and to GraphQL that does not parse: of whatever is raised
    while it handles a request, it makes a page of 500."""
    from flask import Response
    from graphql import GraphQLSyntaxError

    app: Any = importlib.import_module("mlflow.server").app

    def answer(body: str) -> Response:
        return Response(body, HTTPStatus.BAD_REQUEST, mimetype="application/json")

    def of_query(error: GraphQLSyntaxError) -> Response:
        return answer(json.dumps({"error_code": "INVALID_PARAMETER_VALUE", "message": f"query: {error.message}"}))

    app.register_error_handler(RecursionError, lambda error: answer(TOO_DEEP))
    app.register_error_handler(GraphQLSyntaxError, of_query)

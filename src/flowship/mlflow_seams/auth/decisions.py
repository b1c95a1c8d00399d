"""Where MLflow decides what a user may do: a refusal is decided twice, the second time by what the database says now.

MLflow has one function for each route that decides, and finds it by the path; lists leave out what a `RetentionGate`
does not retain, and GraphQL decides for each field. Who is allowed something is asked about once, as before.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    Anew = Callable[[], AbstractContextManager[None]]
    """Makes what happens inside it be decided by the database."""
    Validator = Callable[[], bool]
    FastapiValidator = Callable[[str, Any], Awaitable[bool]]


def decide_refusals_again(anew: Anew) -> None:
    """Have MLflow's app refuse nothing, and leave nothing out of a list, before it was decided `anew` too."""
    auth: Any = auth_app()
    for finder in ("_find_validator", "_get_proxy_artifact_validator"):
        setattr(auth, finder, _finding(getattr(auth, finder), anew))
    auth._find_fastapi_validator = _finding_fastapi(auth._find_fastapi_validator, anew)
    auth.retention_gate = _gating(auth.retention_gate, anew)
    graphql = auth.GraphQLAuthorizationMiddleware
    graphql._check_authorization = _checking(graphql._check_authorization, anew)


def _finding(find: Callable[..., Validator | None], anew: Anew) -> Callable[..., Validator | None]:
    """Wrap what finds the function that decides a request in Flask."""

    def found(*where: Any) -> Validator | None:
        validator = find(*where)
        return validator and partial(_validated, validator, anew)

    return found


def _validated(validator: Validator, anew: Anew) -> bool:
    if validator():
        return True
    with anew():
        return bool(auth_app().sender_is_admin() or validator())


def _finding_fastapi(
    find: Callable[[str, str], FastapiValidator | None], anew: Anew
) -> Callable[[str, str], FastapiValidator | None]:
    """Wrap what finds the function that decides a request outside of Flask."""

    def found(path: str, method: str) -> FastapiValidator | None:
        validator = find(path, method)
        return validator and partial(_validated_fastapi, validator, anew)

    return found


async def _validated_fastapi(validator: FastapiValidator, anew: Anew, username: str, request: Any) -> bool:
    if await validator(username, request):
        return True
    with anew():
        return _is_admin(username) or await validator(username, request)


def _gating(make: Callable[..., Any], anew: Anew) -> Callable[..., Any]:
    """Wrap what makes a `RetentionGate`."""

    def gate(*what: Any) -> _Gate:
        def again() -> Any:
            with anew():
                return make(*what)

        return _Gate(make(*what), again)

    return gate


class _Gate:
    """A `RetentionGate` that is exchanged for a new one before it withholds something."""

    def __init__(self, gate: Any, again: Callable[[], Any]) -> None:
        self._gate = gate
        self._again: Callable[[], Any] | None = again

    def retains(self, *what: Any) -> bool:
        if self._gate.retains(*what):
            return True
        if self._again is None:
            return False
        self._gate, self._again = self._again(), None
        return bool(self._gate.retains(*what))


def _checking(check: Callable[..., bool], anew: Anew) -> Callable[..., bool]:
    """Wrap GraphQL's decision about one field."""

    def checked(middleware: Any, field: str, arguments: Any, username: str) -> bool:
        if check(middleware, field, arguments, username):
            return True
        with anew():
            return _is_admin(username) or check(middleware, field, arguments, username)

    return checked


def _is_admin(username: str) -> bool:
    return bool(auth_app().store.get_user(username).is_admin)

"""Code of the user's own that finds out who sends a request: `auth.authorizationFunction` or `auth.appName`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowship.auth.methods.basic.sign_in import admin_of_the_values
from flowship.auth.sign_in import SignIn
from flowship.values.model.server.access import BASIC_APP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.root import Values


class OwnFunction(SignIn):
    """A function in place of MLflow's own, in MLflow's app with users and rights."""

    method: Literal["function"] = "function"
    app: str | None = BASIC_APP

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> OwnFunction:
        del environ
        return cls(cache_ttl=values.auth.cacheTtlSeconds)

    def admins(self, values: Values) -> str:
        return admin_of_the_values(values)


class OwnApp(SignIn):
    """An app in place of MLflow's own, which decides everything."""

    method: Literal["app"] = "app"

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> OwnApp:
        del environ
        return cls(app=values.auth.appName, cache_ttl=values.auth.cacheTtlSeconds)

    def admins(self, values: Values) -> str:
        return admin_of_the_values(values)

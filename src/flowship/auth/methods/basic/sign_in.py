"""Users whom MLflow keeps, with an admin whom the values name: `auth`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowship.auth.sign_in import SignIn
from flowship.values.model.server.access import BASIC_APP
from flowship.values.model.signing_in import admin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.auth.authenticator import Entrance
    from flowship.auth.sign_in import Worker
    from flowship.values.model.root import Values


def admin_of_the_values(values: Values) -> str:
    """Name the admin of the values, for a person."""
    found = admin(values)
    return f"{found.name}, password as in auth.adminPassword" if found else "nobody"


class BasicSignIn(SignIn):
    """A name and a password, which MLflow's database holds as a hash."""

    method: Literal["basic"] = "basic"
    app: str | None = BASIC_APP

    @property
    def passwords_in_mlflow(self) -> bool:
        return True

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> BasicSignIn:
        del environ
        return cls(cache_ttl=values.auth.cacheTtlSeconds)

    def admins(self, values: Values) -> str:
        return admin_of_the_values(values)

    def entrances(self, worker: Worker) -> tuple[Entrance, ...]:
        from flowship.auth.methods.basic.authenticator import entrance  # imports MLflow

        return (entrance(self.cache_ttl, worker),)

"""Nobody signs in: whoever reaches the address may do everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowship.auth.sign_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.root import Values


class NoSignIn(SignIn):
    """What is served when no method is enabled."""

    method: Literal["none"] = "none"

    @classmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> NoSignIn:
        del values, environ
        return cls()

    def admins(self, values: Values) -> str:
        del values
        return "none, everybody who reaches the address may do everything"

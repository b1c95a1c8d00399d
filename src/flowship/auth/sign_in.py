"""A way to sign in, as the running server needs it: each method in `auth/methods` fills this in.

What its values, rules and chart need is in docs/explanation/architecture.md, "Where to add".
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from flowship.auth.elsewhere import Elsewhere, Parts
from flowship.values.model.server.access import BASIC_APP
from flowship.values.model.signing_in import OWN, Method

if TYPE_CHECKING:
    from flowship.auth.authenticator import Entrance
    from flowship.auth.gateway import Gateway
    from flowship.auth.generations import Generations
    from flowship.check import Check
    from flowship.values.model.root import Values


class Button(NamedTuple):
    """A way to sign in to which the login page leads."""

    text: str
    address: str


@dataclass(frozen=True)
class Worker:
    """Holds what a worker of the server lends to a way to sign in."""

    generations: Generations
    gateway: Gateway
    observe_outage: Callable[[bool], None] = lambda down: None
    """Is told when what verifies users goes down, and when it comes back."""
    is_anothers: Callable[[str], bool] = lambda username: False
    """Tells whether a name is that of a user who signs in elsewhere, and so nobody's who has a password here."""


class SignIn(BaseModel):
    """Describes a way to sign in, with its settings, which cross the start of the server's process as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method
    app: str | None = None
    """MLflow's app, an entry point `mlflow.app`; None for the plain one, which knows no users."""
    cache_ttl: float = 60.0
    """Seconds for which a worker remembers who was right, and what a user may do."""

    @property
    def gated(self) -> bool:
        """Tell whether Flowship finds out who sends a request, in front of MLflow."""
        return self.method != "none" and not self.runs_own_code

    @property
    def runs_own_code(self) -> bool:
        """Tell whether code of the user's own decides who sends a request, of whose rights Flowship knows nothing."""
        return self.method in OWN

    @property
    def in_mlflows_app(self) -> bool:
        """Tell whether MLflow's own app with users and rights is served, in which Flowship decides some things too."""
        return self.app == BASIC_APP

    @property
    def passwords_in_mlflow(self) -> bool:
        """Tell whether users have passwords that MLflow keeps, makes with the user, and lets them change."""
        return False

    @classmethod
    @abstractmethod
    def of(cls, values: Values, environ: Mapping[str, str] | None) -> SignIn:
        """Make the way to sign in with the settings that the values give it. Without variables, what only this machine
        can tell is neither looked at nor refused: enough to show it, not to serve.

        Raises:
            MissingExtraError: what it needs is not installed.
            ValuesError: what the values name cannot be used.
        """

    @abstractmethod
    def admins(self, values: Values) -> str:
        """Say who may do everything, in words for the person who started the server."""

    def entrances(self, worker: Worker) -> tuple[Entrance, ...]:
        """Make what the gate asks, in the order in which a request is looked at; made in each worker, after the
        fork."""
        del worker
        return ()

    def buttons(self, static_prefix: str) -> tuple[Button, ...]:
        """Name the ways to sign in that the login page leads to, besides a name and a password."""
        del static_prefix
        return ()

    def elsewhere(self, parts: Parts) -> Elsewhere:
        """Make the pages that people come by who sign in elsewhere; made in each worker, after the fork."""
        del parts
        return Elsewhere()

    def check(self, environ: Mapping[str, str]) -> Iterator[Check]:
        """Try what verifies users, for `flowship check --live`."""
        del environ
        yield from ()

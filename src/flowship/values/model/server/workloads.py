"""Programs that sign in with a token of an issuer that the values trust: the items of `oidcAuth.workloads`."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from flowship.values.model.fields.section import Map, Section
from flowship.values.model.fields.shape import NotEmpty, SchemaShape
from flowship.values.model.fields.texts import SAFE_ORIGIN

if TYPE_CHECKING:
    from pydantic.config import JsonDict, JsonValue

Issuer = Annotated[
    str,
    SchemaShape(
        rf"{SAFE_ORIGIN}(/[^ \t\r\n?#]*)?",
        "is not an issuer whose keys could be asked for safely. Write it as its tokens have it in `iss`, such as "
        "`https://token.actions.githubusercontent.com`; `http://` is for localhost only.",
    ),
]
Audience = Annotated[
    str,
    SchemaShape(
        r"[^\r\n]+",
        "is empty, so a token that was made for another server would be taken. Write what the job asks for, such as "
        "`https://mlflow.example.com`.",
    ),
]
UserName = Annotated[
    str,
    SchemaShape(
        r"[^:\r\n\t]{1,255}",
        "is no name that a user of MLflow's can have. Write that of a user, such as `ci`; it holds no `:`.",
    ),
]
AbsolutePath = Annotated[
    str,
    SchemaShape(r"(/.*)?", "is not a path from the root. Write one such as `/etc/issuer/jwks.json`."),
]
Certificate = Annotated[
    str,
    SchemaShape(
        r"(|[\s\S]*-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----[\s\S]*)",
        "is no certificate. Write that of the CA in PEM, from `-----BEGIN CERTIFICATE-----` on.",
    ),
]
WANTED_CLAIMS = NotEmpty(
    "is empty, so whoever gets a token of the issuer, with GitHub everybody, could come in. Write claims and their "
    'texts, such as `repository: "team/project"` or `sub: "system:serviceaccount:training:trainer"`.'
)
ONE_SOURCE = (
    "gives several of jwks, jwksFile and issuerCA, of which one only would be used. Keep jwks or jwksFile where the "
    "issuer's keys cannot be asked for, else issuerCA."
)
NO_KEYS = "is no set of keys. Write what the issuer publishes, which begins with `keys`."
_SOURCES: dict[str, JsonDict] = {
    "jwks": {"minProperties": 1},
    "jwksFile": {"minLength": 1},
    "issuerCA": {"minLength": 1},
}
_PAIRS: list[JsonValue] = [
    {"required": [*pair], "properties": {name: _SOURCES[name] for name in pair}} for pair in combinations(_SOURCES, 2)
]


class Workload(Section):
    """Tokens of one issuer that name one user: those with this audience and these claims."""

    model_config = ConfigDict(json_schema_extra={"not": {"anyOf": _PAIRS}})

    issuer: Issuer
    """Who issues the tokens, as they have it in `iss`."""
    audience: Audience
    """What the tokens must have as their `aud`, or in it."""
    claims: Annotated[dict[str, str | list[str]], WANTED_CLAIMS]
    """What else the tokens must say: for a claim, its exact text, or a list of texts of which it must be one. Dots lead
    into objects."""
    user: UserName
    """Name of the user in MLflow as whom they come in; the user must exist."""
    readOnly: bool = False
    """Whether nothing may be changed by these tokens, whatever the user may change otherwise."""
    issuerCA: Certificate = ""
    """Certificate in PEM of the CA that signed the issuer's. Without one, the system's are trusted."""
    jwks: Map = Field(default_factory=dict)
    """The issuer's keys, where they cannot be asked for, as with Kubernetes' own issuer: what
    `kubectl get --raw /openid/v1/jwks` prints."""
    jwksFile: AbsolutePath = ""
    """Path of a file that holds them instead, which is read again when a token names a key that is not known."""

    @model_validator(mode="after")
    def _one_source(self) -> Workload:
        reason = ""
        if sum(bool(getattr(self, name)) for name in _SOURCES) > 1:
            reason = ONE_SOURCE
        elif self.jwks and not isinstance(self.jwks.get("keys"), list):
            reason = f"jwks {NO_KEYS}"
        if reason:
            raise PydanticCustomError("shape", "{reason}", {"reason": reason})
        return self

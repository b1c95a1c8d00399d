"""The base of every section, and the words in which sections say more about a key than its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema


class Section(BaseModel):
    """A map of the values with known keys, spelt as in the file; any other key is refused.

    The docstring under each key is its comment in `values.yaml`, its text in the schema and its row in the docs.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,  # an input may be a password
        allow_inf_nan=False,
    )


@dataclass(frozen=True)
class ClusterOnly:
    """Marks a key that has no effect without Kubernetes; `flowship show` lists those that a file sets."""

    read_in_pods: bool = False
    """Whether Flowship reads it in a pod; what it does not read is not handed to the pods, so that they need not be
    replaced when it changes."""


@dataclass(frozen=True)
class Secret:
    """Marks a key whose value is never shown, logged or put into an error."""


@dataclass(frozen=True)
class InVariable:
    """Marks a key that reaches the pods as a variable, from a Secret of its own, and not in the file of the values."""


CLUSTER_ONLY = ClusterOnly()
IN_VARIABLE = InVariable()
POD_ONLY = ClusterOnly(read_in_pods=True)


Port = Annotated[int, Field(ge=1, le=65535)]
Password = Annotated[str, Secret(), Field(repr=False)]
LARGEST = 2**31 - 1
"""The largest number of pods that Kubernetes takes."""
Scalar = str | bool | int | float
Option = Annotated[Scalar, WithJsonSchema({"type": ["string", "boolean", "number", "null"]})]
"""A scalar under a key that is not there by default: Helm keeps a null there, which takes the key back."""
Map = dict[str, Any]
"""An object of Kubernetes that Flowship hands over as it is; the API server checks it."""

"""Texts that several keys hold, each with its shape."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from flowship.values.model.fields.shape import SchemaShape, Shape, Without


def _network(text: str) -> object:
    """Raise ValueError for what the pattern lets through of IPv6 and is none."""
    return ipaddress.ip_network(text, strict=False)


_BYTE = r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
AddressRange = Annotated[
    str,
    SchemaShape(
        rf"({_BYTE}(\.{_BYTE}){{3}}(/(3[0-2]|[12]?[0-9]))?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/[0-9]{{1,3}})?)",
        "is not an address or a network. Write one such as `192.0.2.1` or `10.0.0.0/8`.",
        _network,
    ),
]
"""An address of IPv4 or IPv6, or a network of them."""

VariableName = Annotated[
    str,
    SchemaShape(
        "[A-Za-z_.-][A-Za-z0-9_.-]*",
        "is not a name that a variable can have. Write letters, digits and `_`, and no digit first.",
    ),
]
"""What Kubernetes takes as the name of an environment variable."""

LOOPBACK = r"http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?"
"""The pattern of an address without TLS whose requests do not leave the machine."""
SAFE_ORIGIN = rf"(https://[^ \t\r\n/?#@]+|{LOOPBACK})"
"""The pattern of the part of an address before its path, where nobody on the way can read what is sent."""

A_NAME = "is not a name that Kubernetes takes. Write lower-case letters, digits and `-`, such as `mlflow-2`."
ObjectName = Annotated[str, Shape(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\z", A_NAME)]
"""The name of an object of Kubernetes."""

Digest = Annotated[str, Shape(r"^sha256:[0-9a-f]{64}\z", "is not a digest. Write `sha256:` and 64 digits from 0 to f.")]
"""The digest of an image."""

StoreName = Annotated[
    str, Without(r"[ \t\r\n/:?#@]", "holds more than a name. Write the name without scheme, host or path.")
]
"""The name of a bucket, a container or an account."""

Prefix = Annotated[
    str,
    Without(
        r"[\r\n?#]|(^|/)\.\.(/|\z)",
        "holds `?`, `#`, `..` or a line break. Write a plain prefix, such as `team-a/mlflow`.",
    ),
]
"""A path inside a bucket or container."""

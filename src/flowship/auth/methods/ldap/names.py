"""Names in a DN, in a filter and in MLflow: what a user types must stay a name in each of them."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 255
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@")


def canonical(name: str) -> str | None:
    """Give the one spelling of a name that directories take for the same, or None for what is no name.

    Directories compare names without case and spaces around them (RFC 4518), and MLflow compares them exactly: without
    one spelling, a user whom a permission is denied could come in as another one.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().lower())
    if not plain or len(plain) > _LONGEST or not plain.isprintable() or "  " in plain:
        return None
    return plain


def in_dn(value: str) -> str:
    """Escape a value for a DN (RFC 4514). Every character that might mean something there is given as its number."""
    return "".join(chr(byte) if byte in _PLAIN else f"\\{byte:02x}" for byte in value.encode())


def in_filter(value: str) -> str:
    """Escape a value for a filter (RFC 4515), in the same way; a DN is escaped once more here, as a whole."""
    return in_dn(value)


def bind_dn(template: str, name: str) -> str:
    """Give the DN of the user with this name, or what Active Directory takes in place of one, such as
    `name@example.com`."""
    return template.replace("%s", in_dn(name) if "=" in template else name)


def filled(template: str, *, value: str, name: str = "") -> str:
    """Fill a filter in, with `%s` for a value and `%u` for a user's name."""
    values = {"%s": in_filter(value), "%u": in_filter(name)}
    return re.sub("%[su]", lambda found: values[found[0]], template)

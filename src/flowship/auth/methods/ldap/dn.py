"""Distinguished names, compared as names (RFC 4514, 4518) and not as text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

Part = frozenset[tuple[str, str]]
"""An RDN: attributes and values, in any order."""

_OIDS = {
    "2.5.4.3": "cn",
    "2.5.4.7": "l",
    "2.5.4.8": "st",
    "2.5.4.10": "o",
    "2.5.4.11": "ou",
    "2.5.4.6": "c",
    "2.5.4.9": "street",
    "0.9.2342.19200300.100.1.25": "dc",
    "0.9.2342.19200300.100.1.1": "uid",
    "commonname": "cn",
    "localityname": "l",
    "stateorprovincename": "st",
    "organizationname": "o",
    "organizationalunitname": "ou",
    "countryname": "c",
    "streetaddress": "street",
    "domaincomponent": "dc",
    "userid": "uid",
}
"""Other names of the attributes that RFC 4514 lists."""

_PAIR = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.S)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|(?:[^,;+"\\]|\\.)+|[,;+]', re.S)


@lru_cache(maxsize=1024)
def parsed(text: str) -> tuple[Part, ...]:
    """Split a DN into its parts, in one spelling.

    Raises:
        ValueError: it is no DN.
    """
    if not text.strip():
        return ()
    parts: list[list[tuple[str, str]]] = [[]]
    pending = ""
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() != end:
            break
        end = token.end()
        if token[0] in ",;+":
            parts[-1].append(_attribute(pending))
            pending = ""
            if token[0] != "+":
                parts.append([])
        else:
            pending += token[0]
    if end != len(text):
        raise ValueError(f"{text!r} is not a distinguished name")
    parts[-1].append(_attribute(pending))
    return tuple(map(frozenset, parts))


def same(one: str, other: str) -> bool:
    """Tell whether two texts are the same DN; what is no DN is the same as nothing."""
    try:
        return parsed(one) == parsed(other)
    except ValueError:
        return False


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().lower().removeprefix("oid.")
    if not equals or not name:
        raise ValueError(f"{text!r} is not a part of a distinguished name")
    return _OIDS.get(name, name), _value(value)


def _value(text: str) -> str:
    """Spell a value without case, escapes, and spaces that do not count."""
    stripped = text.strip()
    quoted = re.fullmatch(r'"(.*)"', stripped, re.S)
    raw = _PAIR.sub(_unescaped, (quoted[1] if quoted else stripped).encode())
    return " ".join(unicodedata.normalize("NFKC", raw.decode(errors="replace")).casefold().split())


def _unescaped(pair: re.Match[bytes]) -> bytes:
    return bytes.fromhex(pair[1].decode()) if len(pair[1]) == 2 else pair[1]

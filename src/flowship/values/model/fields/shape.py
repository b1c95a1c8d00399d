r"""What a key's text must look like, said on the key's field: a pattern, and the sentence for a text that does not fit.

    existingClaim: Annotated[str, Shape(r"^[a-z-]+\z", "is not a name. Write lower-case letters and `-`.")] = ""

On the items of a list it is said of each item; the sentence then speaks of the list. An empty text of a key has every
shape: whether a key may be empty depends on others, so rules say it. `{section}` in a sentence is the section's key.

Python and Go's `regexp` must read a pattern alike. The end of the text is `\z`, since Python's `$` also matches before
a last line break; letters such as `\s` mean other characters in each; and Go repeats at most 1000 times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler


@dataclass(frozen=True)
class Shape:
    """A pattern that a text must match, and what is said of one that does not."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class Without:
    """A pattern that a text must not match, and what is said of one that does."""

    pattern: str
    reason: str


@dataclass(frozen=True)
class SchemaShape:
    """A shape that the schema knows too, as it knows a type: Helm refuses other texts in its own words, and Flowship in
    these. An empty text has no such shape either. `check` raises ValueError for what no pattern can tell."""

    pattern: str
    reason: str
    check: Callable[[str], object] = str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._fitting, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _fitting(self, text: str) -> str:
        try:
            if re.fullmatch(self.pattern, text):
                self.check(text)
                return text
        except ValueError:
            pass
        raise PydanticCustomError("shape", "{reason}", {"reason": self.reason})


@dataclass(frozen=True)
class NotEmpty:
    """Says of a map that it must hold something, with a text or more at each of its keys; the schema knows the first,
    as it knows a type."""

    reason: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._filled, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "minProperties": 1}

    def _filled(self, found: dict[str, Any]) -> dict[str, Any]:
        if found and all(found.values()):
            return found
        raise PydanticCustomError("shape", "{reason}", {"reason": self.reason})

"""Values built from the schema: those it takes, and any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from chartgen import generating
from flowship.values.model.variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    Below = Callable[[dict[str, Any]], SearchStrategy[Any]]

SCHEMA: dict[str, Any] = json.loads(generating.values_schema())

ODD = ["", " ", "\n", "\0", "é", "[key]", "str", "int", "<<", "a.b", "a[0]", "%", "{{", "\x1b[1m", "x" * 300]
TEXTS = st.sampled_from([*ODD, "true", "null", "5432", "db:5432", "/x", "https://x/", "dev", "PGPORT"]) | st.text()
NUMBERS = (
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 1, 2**31, 2**64, 1e300])
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
ANYTHING = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3), max_leaves=5
)


class Taken:
    """Values that the schema takes."""

    options: SearchStrategy[Any] = st.booleans() | NUMBERS | TEXTS

    def of(self, schema: dict[str, Any]) -> SearchStrategy[Any]:
        if isinstance(schema.get("type"), list):
            return self.options
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "const" in schema:
            return st.just(schema["const"])
        if "anyOf" in schema:
            return st.one_of([self.of(each) for each in schema["anyOf"]])
        if schema.get("type") == "array":
            return st.lists(self.of(schema["items"]), max_size=3)
        if schema.get("type") == "object":
            return self.map(schema)
        integers = st.integers(schema.get("minimum"), schema.get("maximum"))
        return {"boolean": st.booleans(), "integer": integers}.get(str(schema.get("type")), TEXTS)

    def map(self, schema: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
        if "properties" in schema:
            keys = {name: self.of(below) for name, below in schema["properties"].items()}
            required = set(schema.get("required", []))
            chosen = st.sets(st.sampled_from(sorted(keys)), max_size=5).map(lambda names: sorted(names | required))
            return chosen.flatmap(lambda names: st.fixed_dictionaries({name: keys[name] for name in names}))
        names = st.sampled_from([each.name for each in VARIABLES] + ["MLFLOW_PORT", "pgHost", "no_proxy", "NO_PROXY"])
        texts = schema.get("additionalProperties") == {"type": "string"}
        return st.dictionaries(names, TEXTS if texts else ANYTHING, max_size=3)


class Astray(Taken):
    """Values of which some have the wrong type, or a key that there is not."""

    options = SCALARS

    def of(self, schema: dict[str, Any]) -> SearchStrategy[Any]:
        right = super().of(schema)
        return st.one_of(right, right, right, right, ANYTHING)

    def map(self, schema: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
        nothing: SearchStrategy[dict[str, Any]] = st.just({})
        unknown = nothing | nothing | nothing | st.dictionaries(TEXTS, ANYTHING, max_size=1)
        return st.tuples(super().map(schema), unknown).map(lambda maps: {**maps[1], **maps[0]})


GOOD_TYPES = Taken().map(SCHEMA)
VALUES = Astray().map(SCHEMA)

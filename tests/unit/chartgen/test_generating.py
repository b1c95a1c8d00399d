from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from chartgen import generating
from chartgen.examples import examples
from chartgen.unknown_table import maps as maps_of
from flowship.values.model.keys import all_keys, leaves, lookup
from flowship.values.model.root import Values
from flowship.values.reading.loading import load
from flowship.values.reading.reading import defaults
from flowship.values.rules.all_rules import RULES
from tests.unit.values.cases import nested

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = json.loads(generating.values_schema())


def test_the_generated_files_are_current() -> None:
    stale = [str(path) for path, content in generating.generated(ROOT).items() if path.read_text() != content]

    assert stale == [], "run `make generate`"


def test_values_yaml_is_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(generating.values_yaml())

    assert load([file], []).data == defaults()
    assert yaml.safe_load(generating.values_yaml()) == defaults()
    assert list(yaml.safe_load(generating.values_yaml())) == list(defaults())


def lines_of(node: yaml.MappingNode, prefix: str = "") -> Iterator[tuple[str, int]]:
    """The line of each key of the values."""
    for key, value in node.value:
        yield f"{prefix}{key.value}", key.start_mark.line
        if isinstance(value, yaml.MappingNode):
            yield from lines_of(value, f"{prefix}{key.value}.")


def test_every_key_of_values_yaml_has_a_comment_above_it() -> None:
    text = generating.values_yaml()
    lines = text.splitlines()
    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    found = dict(lines_of(root))
    known = {key for key in all_keys() if "global" not in key}

    assert known - {"enabled"} <= found.keys()
    assert [key for key in known & found.keys() if not lines[found[key] - 1].lstrip().startswith("# ")] == []
    assert all(len(line) <= 120 for line in lines)


def test_each_object_of_kubernetes_has_an_example_that_is_taken() -> None:
    """Above its key, as what is left when the marks of the comment are taken away."""
    lines = generating.values_yaml().splitlines()
    objects = [key for key, field in leaves() if generating.is_kubernetes(field.annotation) and not field.exclude]
    empty = [key for key in objects if not lookup(defaults(), key)]

    assert len(empty) > 20
    root = yaml.compose("\n".join(lines))
    assert isinstance(root, yaml.MappingNode)
    places = dict(lines_of(root))
    for key in empty:
        name, at = key.rpartition(".")[2], places[key]
        first = max(number for number in range(at) if lines[number].strip() == f"# {name}:")
        written = "\n".join(line.strip().removeprefix("# ") for line in lines[first:at])
        assert yaml.safe_load(written) == {name: lookup(examples(), key)}
        jsonschema.validate(yaml.safe_load(written)[name], schema_of(key), jsonschema.Draft7Validator)


def test_the_schema_is_valid_draft_07_and_takes_the_defaults() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(defaults(), SCHEMA, jsonschema.Draft7Validator)
    jsonschema.validate({}, SCHEMA, jsonschema.Draft7Validator)
    assert "$ref" not in generating.values_schema()


def maps(schema: dict[str, Any], key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The maps with known keys, and where they are."""
    if "properties" in schema:
        yield key, schema
    for name, below in schema.get("properties", {}).items():
        yield from maps(below, f"{key}.{name}".lstrip("."))
    if isinstance(schema.get("items"), dict):
        yield from maps(schema["items"], f"{key}[]")


def test_the_schema_marks_unknown_keys_on_every_level_and_leaves_them_to_the_chart() -> None:
    found = dict(maps(SCHEMA))

    assert len(found) == 73
    assert {"", "ingress.hosts[]", "ingress.hosts[].paths[]", "postgresql.primary.service.ports"} <= found.keys()
    assert [key for key, schema in found.items() if schema["additionalProperties"] != generating.UNKNOWN] == []
    assert {**found, "": {}}.keys() == {place for place, _ in maps_of(Values)}


def test_everything_in_the_schema_is_described() -> None:
    bare = [
        f"{key}.{name}"
        for key, schema in maps(SCHEMA)
        for name, below in schema["properties"].items()
        if not below.get("description", "").endswith(".")
    ]

    assert bare == []


def test_the_schemas_own_defaults_are_valid() -> None:
    for _, schema in maps(SCHEMA):
        for below in schema["properties"].values():
            if "default" in below:
                jsonschema.validate(below["default"], below, jsonschema.Draft7Validator)


def schema_of(key: str) -> dict[str, Any]:
    found = SCHEMA
    for part in key.split("."):
        found = found["properties"][part]
    return {name: value for name, value in found.items() if name not in ("default", "description")}


@pytest.mark.parametrize(
    ("key", "schema"),
    [
        ("replicaCount", {"type": "integer", "minimum": 0, "maximum": 2147483647}),
        ("backendStore.postgres.port", {"type": "integer", "minimum": 1, "maximum": 65535}),
        ("auth.adminPassword", {"type": "string"}),
        ("auth.enabled", {"type": "boolean"}),
        ("auth.defaultPermission", {"type": "string", "enum": ["READ", "USE", "EDIT", "MANAGE", "NO_PERMISSIONS"]}),
        ("postgresql.architecture", {"type": "string", "const": "standalone"}),
        ("strategy.rollingUpdate.maxSurge", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("resources", {"type": "object", "additionalProperties": True}),
        ("podAnnotations", {"type": "object", "additionalProperties": {"type": "string"}}),
        ("tolerations", {"type": "array", "items": {"type": "object", "additionalProperties": True}}),
        ("allowedHosts", {"type": "array", "items": {"type": "string"}}),
        ("global", {"type": "object"}),
        ("mysql.global", {"type": "object"}),
    ],
)
def test_the_schema_says_the_type(key: str, schema: dict[str, Any]) -> None:
    assert schema_of(key) == schema


def test_options_have_known_names_and_may_be_taken_back() -> None:
    options = schema_of("extraArgs")

    assert options["additionalProperties"] == generating.UNKNOWN
    assert options["properties"]["staticPrefix"]["type"] == ["string", "boolean", "number", "null"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("replicaCount", "1"),
        ("auth.adminPassword", 123456789012),
        ("auth.adminPassword", None),
        ("extraArgs.workers", {}),
        ("extraFlags", ["debug"]),
        ("extraEnvVars.a=b", ""),
        ("extraEnvVars.1", ""),
        ("podAnnotations.a", True),
        ("ingress.hosts", [{}]),
    ],
)
def test_the_schema_and_the_model_refuse_the_same(key: str, value: Any) -> None:
    data = nested({key: value})

    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(data)
    with pytest.raises(ValueError, match="validation error"):
        Values.model_validate(data)


def rules_of_the_chart() -> dict[str, Any]:
    """What the generated template holds between its first and its last line."""
    text = generating.refusals_tpl()
    found: dict[str, Any] = json.loads("\n".join(text.splitlines()[2:-1]))
    return found


def test_the_refusals_are_rows_of_data() -> None:
    text = generating.refusals_tpl()

    assert text.count("{{") == 3, "a comment, and one template around the data"
    assert [sentence for _, sentence in rules_of_the_chart()["rules"]] == [rule.sentence for rule in RULES]
    assert max(len(line) for line in text.splitlines() if not line.startswith('"keys"')) < 1100
    assert set(rules_of_the_chart()["keys"]) == {key for rule in RULES for key in rule.when.keys}


def words(row: list[Any]) -> Iterator[str]:
    yield row[0]
    if row[0] in ("and", "or", "not"):
        for each in row[1:]:
            yield from words(each)


def test_the_chart_knows_every_word_of_the_rules_and_no_other() -> None:
    text = (ROOT / "charts" / "mlflow" / "templates" / "_findings.tpl").read_text()
    known = set(re.findall(r'eq (?:\$word|\.word) "([a-z ]+)"', text))
    known |= {"given", "any given", "several given"} if 'hasSuffix "given" $word' in text else set()
    known |= {"some item", "every item"} if 'hasSuffix "item" .word' in text else set()

    pods = re.findall(
        r'"row" \(fromJsonArray `([^`]+)`', (ROOT / "charts" / "mlflow" / "templates" / "_pod.tpl").read_text()
    )
    rows = [*(row for row, _ in rules_of_the_chart()["rules"]), *map(json.loads, pods)]

    assert len(pods) == 7
    assert known == {word for row in rows for word in words(row)}


def test_only_one_template_of_the_chart_refuses_values() -> None:
    text = (ROOT / "charts" / "mlflow" / "templates" / "_findings.tpl").read_text()

    assert text.count("{{- fail ") == 2, "with the findings, and for a word that no rule has"

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
import yaml

from flowship.errors import ValuesError
from flowship.values.reading.loading import Loaded, load, over


class Write(Protocol):
    def __call__(self, content: str | bytes, name: str = "values.yaml") -> Path: ...


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file into the current directory, so that its name in messages is short."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes, name: str = "values.yaml") -> Path:
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        return Path(name)

    return write


def findings(*files: Path, assignments: tuple[str, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(ValuesError) as refused:
        load(files, assignments)
    return refused.value.findings


def places(loaded: Loaded) -> dict[Any, str]:
    return {path: str(source) for path, source in loaded.sources.items()}


def test_nothing_given_is_no_values() -> None:
    assert load([], []) == Loaded({}, {})


def test_maps_are_merged_and_lists_replaced_by_later_files(write: Write) -> None:
    first = write("a: {b: 1, c: [1, 2]}\nd: x\n", "first.yaml")
    second = write("a: {c: [3]}\nd: null\n", "second.yaml")

    assert load([first, second], []).data == {"a": {"b": 1, "c": [3]}, "d": None}


def test_assignments_come_after_all_files(write: Write) -> None:
    file = write("a: {b: 1}\n")

    assert load([file], ["a.b=2", "a.c=null"]).data == {"a": {"b": 2, "c": None}}


def test_each_key_and_list_item_has_its_place(write: Write) -> None:
    first = write("auth:\n  enabled: true\n  users:\n  - ann\n  - name: bob\n", "first.yaml")
    second = write("\nauth:\n\n  enabled: false\n", "second.yaml")

    assert places(load([first, second], ["image.tag=secret", "auth.users[2]=carl"])) == {
        ("auth",): "second.yaml:2",
        ("auth", "enabled"): "second.yaml:4",
        ("auth", "users"): "first.yaml:3",
        ("auth", "users", 0): "first.yaml:4",
        ("auth", "users", 1): "first.yaml:5",
        ("auth", "users", 1, "name"): "first.yaml:5",
        ("auth", "users", 2): "--set auth.users[2]",
        ("image",): "--set image.tag",
        ("image", "tag"): "--set image.tag",
    }


def test_the_place_of_what_is_not_there_is_that_of_the_map_around_it(write: Write) -> None:
    loaded = load([write("auth:\n  enabled: true\n")], [])

    assert str(loaded.source_of(("auth", "adminUsername"))) == "values.yaml:1"
    assert loaded.source_of(("image", "tag")) is None


def test_a_second_document_is_refused_since_helm_3_and_4_read_another_one(write: Write) -> None:
    told = (
        "a second YAML document begins here, which Helm 3 does not read and Helm 4 lays over the first; remove the "
        "line, or write it into a file of its own."
    )

    with pytest.raises(ValuesError) as error:
        load([write("# first\na: 1\n---\nb: {c: 2}\n---\nb: {d: 3}\n")], [])
    assert list(error.value.findings) == [f"values.yaml:{line}: {told}" for line in (3, 5)]
    with pytest.raises(ValuesError, match="a second YAML document"):
        load([write("---\n---\na: 1\n")], [])
    for nothing in ("null", "{}"):  # is the document that Helm 3 reads
        with pytest.raises(ValuesError, match="a second YAML document"):
            load([write(f"{nothing}\n---\na: 1\n")], [])


def test_an_empty_document_before_the_values_or_after_them_is_none(write: Write) -> None:
    loaded = load([write("# first\n---\na: 1\nb: {c: 2}\n---\n")], [])

    assert loaded.data == {"a": 1, "b": {"c": 2}}
    assert places(loaded)["b", "c"] == "values.yaml:4"


def test_merged_keys_have_the_place_where_they_are_written(write: Write) -> None:
    loaded = load([write("base: &base\n  a: 1\nmine:\n  <<: *base\n  b: 2\n")], [])

    assert loaded.data["mine"] == {"a": 1, "b": 2}
    assert places(loaded)["mine", "a"] == "values.yaml:2"


def test_aliases_are_copies(write: Write) -> None:
    loaded = load([write("a: &a {x: 1}\nb: *a\n")], ["b.x=2"])

    assert loaded.data == {"a": {"x": 1}, "b": {"x": 2}}


def test_as_in_helm_a_merge_key_replaces_the_keys_above_it(write: Write) -> None:
    loaded = load([write("base: &base {a: 1}\nmine:\n  a: 2\n  <<: *base\n")], [])

    assert loaded.data["mine"] == {"a": 1}


@pytest.mark.parametrize("content", ["", "\n", "# only a comment\n", "---\n---\n", "null\n", "{}", "\ufeff"])
def test_an_empty_file_has_no_values(write: Write, content: str) -> None:
    assert load([write(content)], []).data == {}


@pytest.mark.parametrize("content", ["\ufeffa: 1", "a: 1\r\n", "a:\t1\n", '{"a": 1}'])
def test_marks_of_other_systems_and_json_are_read(write: Write, content: str) -> None:
    assert load([write(content)], []).data == {"a": 1}


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a: 1\n")))

    assert places(load([Path("-")], [])) == {("a",): "stdin:1"}


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("- sesame\n", "1:1: the values must be a map of keys"),
        ("sesame", "1:1: the values must be a map of keys"),
        ("a: 1\nb: 2\na: 3\n", "3:1: the key `a` stands in this map already, at line 1; keep one."),
        ('1: a\n"1": b\n', "2:1: the key `1` stands in this map already"),
        ("a: [\n", "2:1: a value or the closing bracket is missing."),
        ("a: [sesame\n", "2:1: a `,` or the closing bracket is missing."),
        ("\na: 'sesame\n", "2:4: the text in quotes that starts here has no closing quote."),
        ("a: *sesame\n", "1:4: `*` starts an alias, and no anchor of that name stands above; put the value in quotes"),
        ("a: %sesame\n", "1:4: this character cannot start a value"),
        ("a: @sesame\n", "1:4: this character cannot start a value"),
        ("a:\n\tb: sesame\n", "2:1: this character cannot start a value, and tabs cannot indent"),
        ("a: sesame: b\n", "1:10: a key and `:` cannot stand here"),
        ('a: "\\sesame"\n', "1:5: a backslash in double quotes starts an escape"),
        ('a: "\\/sesame"\n', "1:4: a backslash in double quotes starts an escape"),
        ("a: !h!x sesame\n", "1:4: `!` starts a tag"),
        ("a:\n  b: 1\n c: sesame\n", "3:2: the indentation does not fit the lines above."),
        ("a: .inf\n", "1:4: the value is not a finite number"),
        ("a: !!int sesame\n", "1:4: `!` starts a tag, and values have no other than !!str; put the value in quotes"),
        ("!own a: sesame\n", "1:1: `!` starts a tag"),
        ("a: !!set {sesame}\n", "1:4: `!` starts a tag"),
        ("y: sesame\n", "1:1: the key is null, a word such as `yes` or a number to Helm"),
        ("a: 0x1F\n", "1:4: the value is a number with underscores, or not in decimal"),
        ("? [sesame]\n: 1\n", "1:3: a list or map cannot be a key"),
        (
            "~: sesame\n",
            "1:1: the key is null, a word such as `yes` or a number to Helm, which changes the key; put it in quotes.",
        ),
        ("a: &a [*a]\n", "1:4: an anchor that contains an alias of itself has no end."),
        ("a: {<<: sesame}\n", "1:9: `<<` merges maps"),
        ("a: 1\n...\nb: sesame\n", "3:1: nothing may follow the end of a document"),
        (" a: 1\nsesame\n", "2:1: nothing may follow the end of a document"),
        ("--- {a: sesame}\n", "1:4: a line that starts with `---` may hold nothing but a comment."),
        ("a: sesame\x01\n", "1: a control character, which YAML does not allow."),
        (b"a: 1\nb: sesame\xff\n", "2: the file is not UTF-8 text; save it as UTF-8."),
        ("a: 1".encode("utf-16"), "1: the file is not UTF-8 text"),
        ("a: " + "[" * 3000, "1: "),
        ("a: " + "[" * 3000 + "]" * 3000, "1: the values are nested more than 200 levels deep."),
        ("a: " + "[" * 201 + "]" * 201, "1:204: the values are nested more than 200 levels deep."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line_and_without_its_text(
    write: Write, content: str | bytes, finding: str
) -> None:
    (found,) = findings(write(content))

    assert found.startswith(f"values.yaml:{finding}")
    assert "sesame" not in found


@pytest.mark.parametrize("parser", [yaml.CSafeLoader, yaml.SafeLoader])
def test_it_works_without_libyaml_too(write: Write, monkeypatch: pytest.MonkeyPatch, parser: type) -> None:
    monkeypatch.setattr("flowship.values.reading.syntax._PARSER", parser)
    good, bad = write("a: &a [1, 'y', y]\nb: {c: *a}\n"), write('a: "\\/sesame"\n', "bad.yaml")

    loaded = load([good], [])
    assert loaded.data == {"a": [1, "y", True], "b": {"c": [1, "y", True]}}
    assert places(loaded)["b", "c"] == "values.yaml:2"
    assert "sesame" not in "".join(findings(bad))


def test_copies_of_copies_do_not_fill_the_memory(write: Write) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    (found,) = findings(write("\n".join(lines)))

    assert "aliases make far too many copies" in found


def test_everything_that_cannot_be_read_is_told_at_once(write: Write) -> None:
    first = write("a: 1\na: 2\nb: .nan\n", "first.yaml")
    second = write("c: [", "second.yaml")

    found = findings(first, second, Path("third.yaml"), assignments=("d", "e[0].f=1", "e.g=2"))

    assert [sentence.partition(": ")[0] for sentence in found] == [
        "first.yaml:2:1",
        "first.yaml:3:4",
        "second.yaml:2:1",
        "third.yaml",
        "--set",
        "--set e.g",
    ]


def test_a_file_that_is_not_there_is_named(write: Write) -> None:
    write("")

    assert findings(Path("missing.yaml"), Path()) == (
        "missing.yaml: cannot be read: No such file or directory.",
        ".: cannot be read: Is a directory.",
    )


@pytest.mark.parametrize(
    ("defaults", "data", "expected"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": 1, "b": {"c": 2}}, {"a": None, "b": {"c": None}}, {"b": {}}),
        ({"a": {"b": 1}}, {"a": None}, {}),
        ({}, {"a": None, "b": {"c": None}}, {"a": None, "b": {"c": None}}),
        ({"a": None, "b": {"c": None, "d": None}}, {"a": None, "b": {"c": None}}, {"b": {"c": None}}),
        ({"a": None, "b": {"c": None}, "d": [None]}, {}, {"b": {}, "d": [None]}),
    ],
)
def test_values_lie_over_the_defaults_as_in_helm_4(defaults: Any, data: Any, expected: Any) -> None:
    assert over(defaults, data) == expected


def test_laying_values_over_defaults_changes_neither() -> None:
    defaults: dict[str, Any] = {"a": {"b": {"c": 1}}, "d": [1]}
    data: dict[str, Any] = {"a": {"x": {}}}

    result = over(defaults, data)
    result["a"]["b"]["c"] = 2
    result["a"]["x"]["y"] = 2
    result["d"].append(2)

    assert defaults == {"a": {"b": {"c": 1}}, "d": [1]}
    assert data == {"a": {"x": {}}}

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.provenance import Item, Source
from flowship.values.reading import scalars
from flowship.values.reading.assignment import AssignmentError, AsText, FromFile, FromJson, assign, parse

if TYPE_CHECKING:
    from pathlib import Path


def values(*arguments: str) -> Any:
    root = Item({}, Source("values"))
    for argument in arguments:
        for assignment in parse(argument):
            root = assign(root, assignment)
    return root.data()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a.b.c=d", {"a": {"b": {"c": "d"}}}),
        ("a=1,b=2", {"a": 1, "b": 2}),
        ("a=1,", {"a": 1}),
        ("a=", {"a": ""}),
        ("a=,b=1", {"a": "", "b": 1}),
        ("a=b=c", {"a": "b=c"}),
        (r"a=b\,c", {"a": "b,c"}),
        (r"a\.b=c", {"a.b": "c"}),
        (r"a\=b=c", {"a=b": "c"}),
        (r"a=\\", {"a": "\\"}),
        (r"a=\{x}", {"a": "{x}"}),
        ("", {}),
        ("a={x,1,null,true}", {"a": ["x", 1, None, True]}),
        (r"a={x\,y,z\}}", {"a": ["x,y", "z}"]}),
        ("a={x},b=1", {"a": ["x"], "b": 1}),
        ("a[0]=x", {"a": ["x"]}),
        ("a[0]=x,a[1]=y,a[0]=z", {"a": ["z", "y"]}),
        ("a[0].b=1,a[0].c=2", {"a": [{"b": 1, "c": 2}]}),
        ("a[0].b=y,a[1]=x", {"a": [{"b": "y"}, "x"]}),
        ("a[0]={x,y}", {"a": [["x", "y"]]}),
        (r"nodeSelector.kubernetes\.io/role=master", {"nodeSelector": {"kubernetes.io/role": "master"}}),
    ],
)
def test_an_argument_is_read_as_helm_reads_it(argument: str, expected: object) -> None:
    assert values(argument) == expected


def test_an_empty_list_cannot_be_written_and_has_one_empty_text_as_in_helm() -> None:
    assert values("a={}", "b=[]") == {"a": [""], "b": "[]"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("Null", None),
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("-05", -5),
        ("9007199254740993", 9007199254740993),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("007", "007"),
        ("0x1f", "0x1f"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        ("yes", "yes"),
        (" 5", " 5"),
        ('"5"', '"5"'),
        ("~", "~"),
    ],
)
def test_only_words_and_decimal_integers_have_types(text: str, value: object) -> None:
    read = values(f"a={text}")["a"]

    assert read == value
    assert type(read) is type(value)


def test_later_assignments_win_and_add_to_maps() -> None:
    assert values("a.b=1", "a.c=2", "a.b=3") == {"a": {"b": 3, "c": 2}}


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("a", "the key has no value; write `key=value`"),
        ("a.b", "the key has no value"),
        ("a[0]", "the key has no value"),
        ("=x", "a key is empty"),
        ("a.=x", "a key is empty"),
        ("a..b=x", "a key is empty"),
        ("[0]=x", "a key is empty"),
        ("a[x]=1", "an index in \\[ \\] must be a number of at most five digits"),
        ("a[-1]=1", "an index"),
        ("a[655370]=1", "an index"),
        ("a[+1]=1", "an index"),
        ("a[2]=x", "--set a\\[2\\]: a\\[2\\] leaves out items, which Helm makes null; set them first"),
        ("a=1,a[1].b=x", "a is not a list"),
        ("b[1].c=x", "b\\[1\\] leaves out items"),
        ("a[0][1]=x", "only `=` or `.` may follow an index"),
        ("a[0=1", "an index"),
        ("a[0]x=1", "only `=` or `.` may follow an index"),
        ("a={x", "--set a: a list must end with `}`"),
        ("a={x}}", "--set a: what follows a comma"),
        ("a=1,,b=2", "--set a: what follows a comma"),
        (".".join("a" * 32) + "=1", "no more than 30 dots"),
    ],
)
def test_a_malformed_argument_is_refused(argument: str, reason: str) -> None:
    with pytest.raises(AssignmentError, match=reason):
        values(argument)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("a=1", "a.b=2", "--set a.b: a is not a map where it was set before \\(--set a\\)"),
        ("a=null", "a.b=2", "a is not a map"),
        ("a.b=1", "a[0]=2", "--set a\\[0\\]: a is not a list"),
        ("a[0]=1", "a[0].b=2", "a\\[0\\] is not a map where it was set before"),
        ("a={x,y}", "a[1].b=2", "a\\[1\\] is not a map"),
    ],
)
def test_a_value_is_not_turned_into_a_map_or_a_list(first: str, second: str, reason: str) -> None:
    with pytest.raises(AssignmentError, match=reason):
        values(first, second)


def test_the_rest_of_a_password_with_a_comma_is_not_shown() -> None:
    with pytest.raises(AssignmentError) as refused:
        parse("auth.adminPassword=open,sesame")

    assert str(refused.value) == (
        "--set auth.adminPassword: what follows a comma must be another `key=value`; write `\\,` for a comma in a value"
    )


def test_a_source_names_the_key_as_one_writes_it_without_the_value() -> None:
    (assignment,) = parse(r"a.b\.c[0].d=secret")

    assert str(assignment.source) == r"--set a.b\.c[0].d"


def test_a_value_in_a_file_is_text_as_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("true\n")
    (tmp_path / "b").write_text("x,y=1")
    monkeypatch.chdir(tmp_path)

    assert values(FromFile("p.q=a,r={a,b},s=")) == {"p": {"q": "true\n"}, "r": ["true\n", "x,y=1"], "s": ""}
    assert next(iter(parse(FromFile("p=a")))).source == Source("--set-file p")


def test_a_value_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"sesame")))

    assert values(FromFile("a=-")) == {"a": "sesame"}


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("a.b=missing", "--set-file a.b: the file cannot be read: No such file or directory"),
        ("a=.", "--set-file a: the file cannot be read: Is a directory"),
        ("a=latin", "--set-file a: the file cannot be read: it is not UTF-8 text"),
        ("a", "--set-file: the key has no value; write `key=value`"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_key(
    argument: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "latin").write_bytes("é".encode("latin-1"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(AssignmentError) as refused:
        parse(FromFile(argument))
    assert str(refused.value) == sentence


def test_what_is_given_as_text_stays_text() -> None:
    assert values(AsText("a=123,b={true,null},c=1e3")) == {"a": "123", "b": ["true", "null"], "c": "1e3"}
    assert next(iter(parse(AsText("p=a")))).source == Source("--set-string p")


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ('a.b={"c": [1, true, null, "x,y"]},d=2', {"a": {"b": {"c": [1, True, None, "x,y"]}}, "d": 2}),
        ('a[0]={"b": 1} , c="x"', {"a": [{"b": 1}], " c": "x"}),
        ("a=,b=1", {"a": None, "b": 1}),
        ("a=1.0,b=1.5", {"a": 1, "b": 1.5}),
    ],
)
def test_json_has_its_types(argument: str, expected: object) -> None:
    assert values(FromJson(argument)) == expected


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("a=secret", "--set-json a: the value is not JSON; text stands in double quotes there"),
        ("a=NaN", "--set-json a: the value is not JSON; text stands in double quotes there"),
        ('a="secret" b', "--set-json a: only a comma and another `key=value` may follow the JSON of a value"),
        ("a", "--set-json: the key has no value; write `key=value`"),
        ('{"a": 1},b=2', "--set-json: the map must be all of the argument"),
    ],
)
def test_what_is_no_json_is_refused_without_being_shown(argument: str, reason: str) -> None:
    with pytest.raises(AssignmentError) as refused:
        parse(FromJson(argument))
    assert str(refused.value) == reason


def test_a_map_in_json_lies_over_all_values() -> None:
    over_all = FromJson(' {"a": {"b": 1}} ')

    assert values("a.c=2", over_all) == {"a": {"b": 1, "c": 2}}
    assert [each.source for each in parse(over_all)] == [Source("--set-json")]
    assert values(FromJson("a={}")) == {"a": {}}


NINES = "9" * 400
NESTED = "[" * 600 + "]" * 600


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (NINES, "the value holds a number too large for a float of 64 bits; put it in quotes to mean the text"),
        ("1" * 5000, "too large"),
        ("[-1e400]", "too large"),
        (NESTED, "the value is nested more than 200 levels deep"),
        ("[" * 9000 + "]" * 9000, "nested more than 200 levels deep"),
        ('{"b": {"c": 1, "d": 2, "c": 3}}', "the key `c` stands twice in a map; keep one"),
    ],
)
def test_json_that_cannot_be_a_value_is_refused_for_a_key_and_as_a_map(value: str, reason: str) -> None:
    for argument, source in ((f"a={value}", "--set-json a"), (f'{{"a": {value}}}', "--set-json")):
        with pytest.raises(AssignmentError, match=f"^{source}: .*{reason}"):
            parse(FromJson(argument))


def test_numbers_in_json_are_those_of_a_file() -> None:
    for text in ("9007199254740991", "9007199254740993", "12345678901234567890", "1.0", "1e16"):
        found = values(FromJson(f"a={text}"))["a"]
        assert (found, type(found)) == (scalars.value(text), type(scalars.value(text)))


def test_the_deepest_value_is_read() -> None:
    assert values(FromJson("a=" + "[" * 200 + "]" * 200))

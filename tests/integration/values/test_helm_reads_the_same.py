"""Flowship's reading of values against the real Helm 3 and Helm 4: equal JSON, or both refuse.

Where the two Helms differ, Flowship follows Helm 4; where Helm would silently drop what a user wrote, Flowship refuses.
Both kinds of exception are listed here, each with what Helm does.
`FLOWSHIP_EXAMPLES=1000` tries more of what chance makes.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flowship.errors import ValuesError
from flowship.values.reading.assignment import AsText, FromFile, FromJson
from flowship.values.reading.loading import load, over
from tests.helm import HelmMajor, run_helm
from tests.integration.values.corpus import DOCUMENTS, PLAIN, SEVERAL_DOCUMENTS, STRICTER_THAN_HELM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REFUSED = "refused"
BOTH: tuple[HelmMajor, HelmMajor] = (3, 4)

# Base64, because Helm parses what a template renders.
VALUES = "values: {{ .Values | toJson | b64enc }}"
# Many documents in one run: `fromYaml` reads one as Helm reads a values file, but for the documents after the first.
EACH_DOCUMENT = "{{ range .Values.documents }}values: {{ b64dec . | fromYaml | toJson | b64enc }}\n---\n{{ end }}"

EXAMPLES = int(os.environ.get("FLOWSHIP_EXAMPLES", "50"))

several = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Chart:
    """A chart whose rendering shows the values that its template received."""

    def __init__(self, folder: Path, template: str) -> None:
        self.folder = folder
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_text("apiVersion: v2\nname: printer\nversion: 1.0.0\n")
        (folder / "templates" / "values.yaml").write_text(template)
        self.defaults({})

    def defaults(self, values: Any) -> None:
        (self.folder / "values.yaml").write_text(json.dumps(values))

    def render(self, major: HelmMajor, *arguments: str, stdin: bytes = b"") -> list[Any]:
        """What each line of the template printed; nothing if Helm refuses."""
        run = run_helm(major, "template", "demo", str(self.folder), *arguments, given=stdin)
        lines = run.stdout.decode().splitlines() if run.returncode == 0 else []
        return [_json(base64.b64decode(line.partition(": ")[2])) for line in lines if line.startswith("values")]

    def values(self, major: HelmMajor, *arguments: str, stdin: bytes = b"") -> Any:
        """The values that the template received, or REFUSED."""
        printed = self.render(major, *arguments, stdin=stdin)
        return printed[0] if printed else REFUSED


def _json(text: bytes) -> Any:
    # Go prints a float that is a big integer without exponent or fraction.
    return json.loads(text, parse_int=lambda digits: float(digits) if abs(int(digits)) >= 2**53 else int(digits))


def ours(files: Sequence[Path], assignments: Sequence[str] = ()) -> Any:
    try:
        return load(files, assignments).data
    except ValuesError:
        return REFUSED


def shown(value: Any) -> Any:
    """A value in which 1, 1.0 and True differ, and integers beyond a float's are rounded."""
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shown(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        value = float(value)
    return f"{type(value).__name__} {value!r}" if isinstance(value, int | float) else value


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    return Chart(tmp_path_factory.mktemp("values") / "chart", VALUES)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    return Chart(tmp_path_factory.mktemp("documents") / "chart", EACH_DOCUMENT)


def fed(documents: Chart, major: HelmMajor, texts: Sequence[str]) -> list[Any]:
    """What Helm makes of each text, in one run."""
    encoded = [base64.b64encode(text.encode()).decode() for text in texts]
    read = documents.render(major, "-f", "-", stdin=json.dumps({"documents": encoded}).encode())
    assert len(read) == len(texts)
    return [REFUSED if isinstance(each, dict) and list(each) == ["Error"] else each for each in read]


def differences(texts: Sequence[str], theirs: Sequence[Any], folder: Path) -> dict[str, tuple[Any, Any]]:
    different = {}
    for text, their in zip(texts, theirs, strict=True):
        (folder / "values.yaml").write_bytes(text.encode())
        our = ours([folder / "values.yaml"])
        if shown(our) != shown(their):
            different[text] = our, their
    return different


@pytest.mark.parametrize("major", BOTH)
def test_a_document_means_the_same(documents: Chart, major: HelmMajor, tmp_path: Path) -> None:
    theirs = fed(documents, major, DOCUMENTS)

    assert differences(DOCUMENTS, theirs, tmp_path) == {}
    assert 50 < theirs.count(REFUSED) < len(theirs) / 2


def test_a_values_file_means_the_same(chart: Chart, tmp_path: Path) -> None:
    """The same through `-f`, all that is not refused in one file, and texts of several documents one by one, which are
    refused where the two Helms read another one."""
    words = [text for text in PLAIN.split() if not text.startswith("-") and text.lower() not in (".inf", ".nan")]
    (tmp_path / "all.yaml").write_text("".join(f"v{n}: {text}\n" for n, text in enumerate(words)))
    read = [[chart.values(major, "-f", "-", stdin=text.encode()) for major in BOTH] for text in SEVERAL_DOCUMENTS]
    theirs = [newer if older == newer else REFUSED for older, newer in read]

    assert differences(SEVERAL_DOCUMENTS, theirs, tmp_path) == {}
    for major in BOTH:
        assert shown(ours([tmp_path / "all.yaml"])) == shown(chart.values(major, "-f", str(tmp_path / "all.yaml")))


def test_helm_3_reads_only_the_first_document_and_what_helm_4_refuses_as_a_separator(chart: Chart) -> None:
    read = {text: chart.values(3, "-f", "-", stdin=text.encode()) for text in SEVERAL_DOCUMENTS}

    assert read["a: 1\n---\nb: 2\n"] == {"a": 1}
    assert read["--- {a: 1}\n"] == read["%YAML 1.1\n---\na: 1\n"] == {"a": 1}
    assert read["---x: 1\n"] == {"---x": 1}


def test_utf_16_is_refused_as_by_helm_4(chart: Chart, tmp_path: Path) -> None:
    content = "a: 1\n".encode("utf-16")
    (tmp_path / "values.yaml").write_bytes(content)

    assert chart.values(3, "-f", "-", stdin=content) == {"a": 1}
    assert chart.values(4, "-f", "-", stdin=content) == ours([tmp_path / "values.yaml"]) == REFUSED


@pytest.mark.parametrize("major", BOTH)
def test_a_document_of_which_helm_drops_a_part_is_refused(documents: Chart, major: HelmMajor, tmp_path: Path) -> None:
    assert fed(documents, major, list(STRICTER_THAN_HELM)) == list(STRICTER_THAN_HELM.values())
    assert differences(list(STRICTER_THAN_HELM), [REFUSED] * len(STRICTER_THAN_HELM), tmp_path) == {}


FILES = [
    "a: {b: 1, c: {d: 1}}\nl: [1, {x: 1}]\nq: null\ns: x\nm: {x: 1}\n",
    "a: {c: {e: 2}, b: null}\nl: [2]\nq: {w: 1}\ns: {t: 1}\nm: null\n",
]
ASSIGNED = [
    ["a.c.f=3,l[1]=4", "l[0]=x", "q.z={p,q}", "s=5", r"k\.l/m=1", "big[0].x=y"],
    ["a=null", "a2=NULL,b2=True,c2=fal\u017fe", "i=007,j=0,k=-05,e=+5,m=9223372036854775808,n=1e3,o=1.5,p= 5"],
    ["a={}", "b=[]", "c={x,y},d={1,null,},e=", r"f={\,,\}},g=\{x}", "h={x}i=5", "j=1,"],
    ["a.c=1", "n[0].x.y=1,n[0].x.z[0]=2", "l[1]="],
    ["a[0].b=1"],
    ["q[0]=1"],
    ["m.x=1"],
    ["s[0]=1"],
    ["l.x=1"],
    *(
        [malformed]
        for malformed in ("x", "x.y", "x=1,y", "x=1,,y=2", ",", "x[a]=1", "x[-1]=1", "x[0]y=1", "x[70000]=1")
    ),
    *([malformed] for malformed in ("x={1", "x={1}}", "x\\", "x..y=1", ".".join("x" * 32) + "=1")),
    [".".join("x" * 31) + "=1"],
]


@pytest.mark.parametrize("major", BOTH)
def test_files_and_assignments_merge_the_same(chart: Chart, major: HelmMajor, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.yaml" for number in range(len(FILES))]
    for file, text in zip(files, FILES, strict=True):
        file.write_text(text)
    options = [argument for file in files for argument in ("-f", str(file))]

    for given_files, given_options in ((files, options), (files[::-1], [*options[2:], *options[:2]])):
        for assignments in ([], *ASSIGNED):
            sets = [argument for assignment in assignments for argument in ("--set", assignment)]
            theirs = chart.values(major, *given_options, *sets)
            assert shown(ours(given_files, assignments)) == shown(theirs), assignments


@pytest.mark.parametrize("major", BOTH)
def test_what_is_in_files_is_a_value_as_it_is(chart: Chart, major: HelmMajor, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p,a=s{s}\\w\n\n")
    (tmp_path / "true").write_text("true")
    (tmp_path / "empty").touch()
    password, true, empty = (f"{tmp_path}/{name}" for name in ("password", "true", "empty"))
    for arguments in (
        [f"a.b={password}", f"a.c[0]={true}"],
        [f"a={password},b={empty},c={true}"],
        [f"a={{{true},{password}}}"],
        [f"a={true}", "a="],
        [f"a={tmp_path}/missing"],
        ["a=1", f"x={tmp_path}"],
    ):
        sets = [argument for each in arguments for argument in ("--set-file", each)]
        theirs = chart.values(major, *sets, "--set", f"a={true}" if len(arguments) == 1 else "z=1")
        assigned = [f"a={true}" if len(arguments) == 1 else "z=1", *map(FromFile, arguments)]
        assert shown(ours([], assigned)) == shown(theirs), arguments


@pytest.mark.parametrize("major", BOTH)
@pytest.mark.parametrize("argument", ["=x", "x.", ".x=1", "[0]=1", "x[0]"])
def test_an_assignment_that_helm_drops_in_silence_is_refused(chart: Chart, major: HelmMajor, argument: str) -> None:
    assert chart.values(major, "--set", argument) in ({}, {"x": []})
    assert ours([], [argument]) == REFUSED


SKIPPING: dict[str, Any] = {
    "a[2]=x": {"a": [None, None, "x"]},
    "a[1].b=x": {"a": [None, {"b": "x"}]},
    "a[0][1]=x": {"a": [[None, "x"]]},
    "a[1]=x,a[0].b=y": {"a": [{"b": "y"}, "x"]},
    "a={x,y},a[1].b=z": {"a": ["x", {"b": "z"}]},
    "a[+0]=x": {"a": ["x"]},
}
"""What Helm makes of indexes that skip items, or replace one of another kind."""


@pytest.mark.parametrize("major", BOTH)
def test_indexes_that_skip_or_replace_items_are_refused(chart: Chart, major: HelmMajor) -> None:
    assert {argument: chart.values(major, "--set", argument) for argument in SKIPPING} == SKIPPING
    assert {argument: ours([], [argument]) for argument in SKIPPING} == dict.fromkeys(SKIPPING, REFUSED)


def test_an_index_without_its_bracket_is_refused_as_by_helm_3(chart: Chart) -> None:
    assert chart.values(4, "--set", "x[0") == {}
    assert chart.values(3, "--set", "x[0") == ours([], ["x[0"]) == REFUSED


def test_integers_of_an_assignment_keep_all_digits(chart: Chart) -> None:
    assert load([], ["a=9007199254740993"]).data == {"a": 9007199254740993}
    rendered = run_helm(4, "template", "demo", str(chart.folder), "--set", "a=9007199254740993").stdout
    assert base64.b64decode(rendered.rpartition(b" ")[2]) == b'{"a":9007199254740993}'


DEFAULTS = {"a": 1, "b": {"c": 2, "d": {"e": 3}}, "f": [1], "g": {"h": 1}, "i": {"j": 1}, "k": 5, "o": {"p": 1}}
OVERRIDES: dict[str, Any] = {
    "a": None,
    "b": {"c": None, "d": {"e": None, "x": None}},
    "f": [],
    "g": None,
    "k": {"l": 1},
    "m": None,
    "o": 5,
}


@pytest.mark.parametrize("major", BOTH)
def test_values_lie_over_defaults_the_same(chart: Chart, major: HelmMajor, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(json.dumps(OVERRIDES))
    chart.defaults(DEFAULTS)
    theirs = chart.values(major, "-f", str(tmp_path / "values.yaml"))
    chart.defaults({})

    assert over(DEFAULTS, OVERRIDES) == theirs


def test_a_null_among_the_defaults_is_none_for_helm_4_and_a_value_for_helm_3(chart: Chart) -> None:
    defaults = {"a": None, "b": {"c": None, "d": None}}
    values = {"b": {"c": None}}
    chart.defaults(defaults)
    theirs = {major: chart.values(major, "-f", "-", stdin=json.dumps(values).encode()) for major in BOTH}
    chart.defaults({})

    assert over(defaults, values) == theirs[4] == {"b": {"c": None}}
    assert theirs[3] == {"a": None, "b": {"d": None}}


TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | st.integers(0, 3) | st.just([None, 1]),
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


@several
@given(defaults=TREES, values=TREES)
def test_any_values_lie_over_any_defaults_the_same(chart: Chart, defaults: Any, values: Any) -> None:
    chart.defaults(defaults)
    theirs = chart.values(4, "-f", "-", stdin=json.dumps(values).encode())
    chart.defaults({})

    assert over(defaults, values) == theirs


NUMBERS = st.from_regex(r"[-+]?(0[xXoObB]?)?[0-9_a-f]{0,20}(\.[0-9_]{0,5})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)
WORDS = st.text("yYnNtTrRuUeEsSoOfFaAlL~.iInN<=-+:0189 ", max_size=6)
SOUP = "a|b|1|~|y|- |: |? |\n|\n  |\n    |\t| |[|]|{|}|, |\"|'|'x'|&a |*a |<<: |>|# c|!|!!str |%|\\|\\n|\r\n|.5|k: v|é"
PIECES = st.lists(st.sampled_from(SOUP.split("|")), max_size=8).map("".join)
TEXTS = st.one_of(
    NUMBERS.map("v: {}".format),
    NUMBERS.map("{}: v".format),
    WORDS.map("v: {}".format),
    PIECES,
    PIECES.map("a: &a {{x: 1}}\nb: {}".format),
)


@settings(several, max_examples=EXAMPLES * 3 // 5)
@given(texts=st.lists(TEXTS, min_size=20, max_size=40))
def test_any_document_means_the_same_or_is_refused_for_what_helm_drops(
    documents: Chart, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    different = differences(texts, fed(documents, 4, texts), folder)

    assert {text: found for text, found in different.items() if found[0] != REFUSED} == {}
    for text in different:
        (folder / "values.yaml").write_bytes(text.encode())
        with pytest.raises(
            ValuesError,
            match=r"in this map already|nothing may follow|YAML|tag|cannot be a key|changes the key|in decimal",
        ):
            load([folder / "values.yaml"], [])


STEPS = st.from_regex(r"[ab]|\[[0-3]\]|\.|\\.|=|,|\{|\}|null|0|1", fullmatch=True)


@several
@given(argument=st.lists(STEPS, max_size=10).map("".join))
@example("a[0].b=1,a[1]={1,2},a[0].a=0")
def test_any_assignment_means_the_same_or_is_refused_for_what_helm_drops(chart: Chart, argument: str) -> None:
    theirs = chart.values(4, f"--set={argument}")
    our = ours([], [argument])

    if our == REFUSED and theirs != REFUSED:
        said = (
            r"key is empty|key has no value|another `key=value`|an index in|leaves out items|follow an index|is not a"
        )
        with pytest.raises(ValuesError, match=said):
            load([], [argument])
    else:
        assert shown(our) == shown(theirs)


WHOLE = '{"m": {"k": 1}}'
"""A map in JSON, which the Helm 3 of these tests refuses."""

JSON = (
    'a=1,b={"x": "json", "y": [1, 2.5, true, null]},big=12345678901234567890,n=,e=9007199254740993,f=\u00a01.0',
    WHOLE,
)
KINDS = {
    "--set-json": (FromJson, JSON),
    "--set": (str, ("b.x=set,m.l=2,s=set", "t=1")),
    "--set-string": (AsText, ("s=123,b.z=null,l={1,true},t=2",)),
    "--set-file": (FromFile, ("f=text,t=text",)),
}


def test_json_that_helm_refuses_is_refused_and_so_is_a_key_of_which_it_drops_a_value(chart: Chart) -> None:
    for argument in (f"k={'9' * 400}", "k=[1e400]", '{"k": 1e400}'):
        assert chart.values(4, "--set-json", argument) == ours([], [FromJson(argument)]) == REFUSED
    twice = 'k={"a": 1, "a": 2}'

    assert chart.values(4, "--set-json", twice) == {"k": {"a": 2}}
    assert ours([], [FromJson(twice)]) == REFUSED


@pytest.mark.parametrize("major", BOTH)
def test_each_way_to_set_a_value_means_the_same_in_whatever_order_they_are_given(
    chart: Chart, major: HelmMajor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("true\n")
    (tmp_path / "v.yaml").write_text("a: file\nm: {f: 1}\n")
    known = {
        name: (kind, [each for each in texts if major == 4 or each != WHOLE]) for name, (kind, texts) in KINDS.items()
    }
    given = [f"{name}={each}" for name, (_, texts) in reversed(known.items()) for each in texts]
    arguments = [kind(each) for kind, texts in known.values() for each in texts]

    theirs = chart.values(major, "-f", "v.yaml", *given)

    assert shown(ours([tmp_path / "v.yaml"], arguments)) == shown(theirs)
    assert theirs["t"] == "true\n"

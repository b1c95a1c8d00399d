"""Texts on which parsers of YAML differ, for feeding them to Helm and to Flowship."""

from __future__ import annotations

# As the value of a key each, unquoted unless the quotes are part of it.
PLAIN = r"""
y Y yes Yes YES yES n N no No NO nO on On ON oN off Off OFF true True TRUE tRUE false False FALSE ~ null Null NULL nULL
0 00 -0 +0 -0.0 5 +5 -5 017 -017 018 08 0o8 0x 0xg 0b2
_1 1e3 1E3 1e+3 1e-3 1e 1.5 1. .5 -.5 +.5 . .. ... 1.2.3 1e400
-1e400 1e-400 .inf2 .infinity 1:30 1:30:45 190:20:30 0.1 123456.789 1e21 1e20 1e-7 2001-01-01 2001-1-1T1:2:3Z
2001-12-14t21:59:43.10-05:00 9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
+18446744073709551615
123456789012345678901234567890 << = - -- --- a- é 😀
+ -a +a x#y a:b http://x:80/y /a/b 50% a@b a!b a&b a*b a|b a>b "5" 'y' "" '' "\n" "\x41" "\u00e9" "\U0001F600"
'it''s' 1,5 10.0.0.1 1.0.0 v1 1Gi 100m 12h .inf -.Inf .NAN
"""

TAGGED = ["!!str 5", "!!str", "!!str y", "&x !!str y", "!!str 'y'"]

# As a key of one map each.
KEYS = """
1 5 8080 "y" "1" "true" 2001-01-01 a.b a/b é "" '' - << "<<"
"""

DOCUMENTS = [
    *(f"v: {text}\n" for text in (*PLAIN.split(), *TAGGED)),
    *(f"{key}: value\n" for key in KEYS.split()),
    *(f"!!str {text}: value\n" for text in ("5", "x", "y")),
    "!!int x: value\n",
    # Styles and lines.
    "a: |\n  x\n\n  y\nb: >-\n  p\n  q\nc: |+\n  z\n\nd: |2\n   x\n",
    "a: >\n x\n  y\n z\nb: |  # comment\n  x\n # comment\nc: 1\n",
    "a: |0\n x\n",
    "a: |x\n",
    'a: "x\n  y"\nb: x\n  y\nc: "\\\n  z"\nd: \'it\'\'s\'\ne: "a\\tb\\e\\_\\N\\L\\P\\0"\n',
    'a: "\\/"\n',
    'a: "\\\\/"\n',
    'a: "\\q"\n',
    'a: "\\ud800"\n',
    'a: "\\UFFFFFFFF"\n',
    'a: "\x7f"\n',
    "a: \x01\n",
    "a: \ufeffb\n",
    "\ufeffa: 1\n",
    "a: 1\r\nb: 2\r\n",
    "a: 1\rb: 2\r",
    "a: x\x85y\n",
    "a: \u2028b\n",
    "a: 1 # comment\nb: '#'\n# comment\nc: x#y\n",
    # Tabs.
    "a:\t1\n",
    "a: \tb\n",
    "a: x\ty\n",
    "a: x\n\ty\n",
    "a:\n\tb: 1\n",
    "\ta: 1\n",
    "a:\n  -\tb\n",
    # Structure.
    "a: [1, 2,]\nb: {x: 1, z}\nc: [x: y]\nd: {x:1}\n",
    '{"a": 1, "b": [true, null, {"c": []}], "d":{}}',
    "a:\n- 1\n- b: 1\n  c: 2\n-\n  d: 3\n- - 1\n  - 2\n",
    "? a\n: b\n",
    "? [1]\n: b\n",
    "{a: {b: 1}: 2}",
    "a: b: c\n",
    "a: - b\n",
    "a: {\n",
    "a: [1\n",
    "a: ]\n",
    "a: [,]\n",
    "a: 'x\n",
    'a: "b" c\n',
    "a: [b]c\n",
    "a:\n  b: 1\n c: 2\n",
    "a:\n  x\n  y: 1\n",
    "a :b\n",
    "a:b\n",
    "- a\n",
    "text\n",
    "5\n",
    "true\n",
    '""\n',
    "null\n",
    "~\n",
    "\n",
    "# only a comment\n",
    "",
    "a: " + "[" * 60 + "]" * 60,
    "? " + "x" * 1100 + "\n: 1\n",
    "x" * 1100 + ": 1\n",
    # Characters that start something.
    *(f"a: {start}x\n" for start in "%@`*&|>,]}#?:-{["),
    "a: !h!x y\n",
    "%YAML 1.1\n",
    # Anchors, aliases and merge keys.
    "a: &x 1\nb: &x 2\nc: *x\n",
    "a: &x\nb: *x\n",
    "&k a: 1\nb: *k\n",
    "a: *x\nb: &x 1\n",
    "a: &a [*a]\n",
    "a: &a {b: {c: *a}}\n",
    "x: &x {a: 2, c: {d: 1}}\nb: {a: 1, <<: *x}\nc: {<<: *x, a: 3, c: {e: 2}}\n",
    "x: &x {a: 1}\nk: &y {a: 2, b: 2}\nz: {<<: [*x, *y, {c: 3}]}\nw: {<<: *x, <<: *y}\n",
    "a: {<<: {b: 1}}\n",
    "<<: {a: 1}\n",
    'a: {"<<": 5}\n',
    "a: {<<: 5}\n",
    "a: {<<: null}\n",
    "a: {<<: [5]}\n",
    "x: &x [1]\na: {<<: *x}\n",
    "x: &x 5\na: {<<: *x}\n",
    "x: &x {a: 1}\nz: {<<: [[*x]]}\n",
]

SEVERAL_DOCUMENTS = [
    "null\n---\na: 1\n",
    "{}\n---\na: 1\n",
    "# c\n---\na: 1\n",
    "---\na: 1\n---\n# c\n",
    "a: 1\n---\nb: 2\n",
    "---\n---\na: {b: 1}\n---   \n# none\n--- # comment\na: {c: 2}\nd: [1]\n---\nd: [2]",
    "a: 1\n...\n---\nb: 2\n",
    "a: 1\r\n---\r\nb: 2\r\n",
    "a: 1\n---\n\ufeffb: 2\n",
    "a: |\n  x\n  ---\n  y\n",
    "a: x\n---\nnull\n---\n- 1\n",
    "---x: 1\n",
    "a: 'x\n--- y'\n",
    "--- {a: 1}\n",
    "%YAML 1.1\n---\na: 1\n",
]

CHANGED_NUMBERS = {
    "0o17": 15,
    "0O17": 15,
    "0x1f": 31,
    "0X1F": 31,
    "-0x1f": -31,
    "+0x1f": 31,
    "0b11": 3,
    "0B11": 3,
    "-0b11": -3,
    "0b-1": -1,
    "0b+1": 1,
    "-0b-1": "-0b-1",
    "1_000": 1000,
    "1__0": 10,
    "1_": 1,
    "-_1": -1,
    "0x_1f": 31,
    "0o_7": 7,
    "1e_3": 1000,
    ".5_0": 0.5,
    "._5": "._5",
    ".5__0": ".5__0",
    ".5e1_0": 5000000000,
    "0xffffffffffffffff": 1.8446744073709552e19,
    "0x1ffffffffffffffff": "0x1ffffffffffffffff",
    "01777777777777777777777": 1.8446744073709552e19,
    "02777777777777777777777": 2.777777777777778e21,
    "0b" + "1" * 64: 1.8446744073709552e19,
}
"""What Helm makes of numbers in other spellings, some of which it takes for text."""

CHANGED_KEYS = {
    "1.50": "1.5",
    "1.0": "1",
    "1e3": "1000",
    "123456.0": "123456",
    "1e6": "1e+06",
    "1234567.5": "1.2345675e+06",
    "16777217.0": "1.6777216e+07",
    "0.1": "0.1",
    "0.00001": "1e-05",
    "-0.0": "-0",
    "1e300": ".inf",
    ".nan": ".nan",
    "-.inf": "-.inf",
    "+1": "1",
    "017": "15",
    "0x10": "16",
    "1_0": "10",
    "y": "true",
    "no": "false",
    "On": "true",
    "true": "true",
}
"""What Helm makes of keys that are no text to it."""

TAGS: dict[str, object] = {
    "! 5": "5",
    "! y": "y",
    '! "5"': "5",
    "&x ! y": "y",
    "!own 5": "5",
    "!x": "",
    "!!x y": "y",
    "!!int '7'": 7,
    "!!int 0x1f": 31,
    "!!float 5": 5,
    "!!float 5.5": 5.5,
    "!!bool yes": True,
    "!!bool 'no'": False,
    "!!null ''": None,
    "!!null": None,
    "!!map {b: 1}": {"b": 1},
    "!!seq [1]": [1],
    "!!str [1]": [1],
    "!!set {b, c}": {"b": None, "c": None},
    "!!omap [b: 1]": [{"b": 1}],
    "!<tag:yaml.org,2002:int> '7'": 7,
    "!!python/object:x 1": "1",
    "!!binary /w==": "\ufffd",
    "!!binary aGVsbG8=": "hello",
    "!!binary |\n  aGVs\n  bG8=": "hello",
    "!!timestamp 2001-01-01": "2001-01-01",
    "!,x": "",  # libyaml wants a space after a tag
}
"""What Helm makes of values with tags."""

STRICTER_THAN_HELM: dict[str, object] = {
    "a: 1\na: 2\n": {"a": 2},
    "a: 1\n...\nb: 2\n": {"a": 1},
    " a: 1\nb: 2\n": {"a": 1},
    "a: {!!merge <<: {b: 1}}\n": {"a": {"b": 1}},
    "!!binary aGk=: value\n": {"hi": "value"},
    "!!int 5: value\n": {"5": "value"},
    "!own x: value\n": {"x": "value"},
    "a: {x: 1, y}\n": {"a": {"x": 1, "true": None}},
    **{f"a: {text}\n": {"a": value} for text, value in {**CHANGED_NUMBERS, **TAGS}.items()},
    **{f"{key}: value\n": {text: "value"} for key, text in CHANGED_KEYS.items()},
    'a: "\\\'"\n': {"a": "'"},  # libyaml does not know this escape
}
"""What Helm makes of documents of most of which it drops or changes a part without a word; Flowship refuses them."""

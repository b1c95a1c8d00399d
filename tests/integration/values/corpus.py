"""Texts on which parsers of YAML differ, for feeding them to Helm and to Flowship."""

from __future__ import annotations

# As the value of a key each, unquoted unless the quotes are part of it.
PLAIN = r"""
y Y yes Yes YES yES n N no No NO nO on On ON oN off Off OFF true True TRUE tRUE false False FALSE ~ null Null NULL nULL
0 00 -0 +0 -0.0 5 +5 -5 017 -017 018 08 0o17 0O17 0o8 0x1f 0X1F -0x1f +0x1f 0x 0xg 0b11 0B11 -0b11 0b2 -0b-1
1_000 1__0 1_ _1 -_1 0x_1f 0o_7 1e3 1E3 1e+3 1e-3 1e 1e_3 1.5 1. .5 -.5 +.5 .5_0 ._5 .5__0 .5e1_0 . .. ... 1.2.3 1e400
-1e400 1e-400 .inf2 .infinity 1:30 1:30:45 190:20:30 0.1 123456.789 1e21 1e20 1e-7 2001-01-01 2001-1-1T1:2:3Z
2001-12-14t21:59:43.10-05:00 9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
+18446744073709551615 0xffffffffffffffff 0x1ffffffffffffffff 01777777777777777777777 02777777777777777777777
0b1111111111111111111111111111111111111111111111111111111111111111 123456789012345678901234567890 << = - -- --- a- é 😀
+ -a +a x#y a:b http://x:80/y /a/b 50% a@b a!b a&b a*b a|b a>b "5" 'y' "" '' "\n" "\x41" "\u00e9" "\U0001F600"
'it''s' 1,5 10.0.0.1 1.0.0 v1 1Gi 100m 12h .inf -.Inf .NAN
"""

TAGGED = [
    "! 5",
    "! y",
    '! "5"',
    "&x ! y",
    "!own 5",
    "!!str 5",
    "!!str",
    "!!str y",
    "!!int '7'",
    "!!int 0x1f",
    "!!float 5",
    "!!float 5.5",
    "!!bool yes",
    "!!bool 'no'",
    "!!null ''",
    "!!null",
    "!!map {b: 1}",
    "!!seq [1]",
    "!!str [1]",
    "!!set {b, c}",
    "!!omap [b: 1]",
    "!<tag:yaml.org,2002:int> '7'",
    "!!python/object:x 1",
]

# As a key of one map each.
KEYS = """
1 +1 017 0x10 1_0 y no On true "y" "1" 2001-01-01 !!str 5 a.b a/b é "" '' - << "<<"
"""

DOCUMENTS = [
    *(f"v: {text}\n" for text in (*PLAIN.split(), *TAGGED)),
    *(f"{key}: value\n" for key in KEYS.split()),
    *(f"{kind} {text}: value\n" for kind in ("!!int", "!own") for text in ("5", "x")),
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
    "a: [1, 2,]\nb: {x: 1, y}\nc: [x: y]\nd: {x:1}\n",
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
    *(f"a: {start}x\n" for start in "%@`*&!|>,]}#?:-{["),
    "a: !!x y\n",
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
    "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y, {c: 3}]}\nw: {<<: *x, <<: *y}\n",
    "a: {<<: {b: 1}}\n",
    "<<: {a: 1}\n",
    'a: {"<<": 5}\n',
    "a: {!!merge <<: {b: 1}}\n",
    "a: {<<: 5}\n",
    "a: {<<: null}\n",
    "a: {<<: [5]}\n",
    "x: &x [1]\na: {<<: *x}\n",
    "x: &x 5\na: {<<: *x}\n",
    "x: &x {a: 1}\ny: {<<: [[*x]]}\n",
]

SEVERAL_DOCUMENTS = [
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

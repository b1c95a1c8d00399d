"""docs/troubleshooting/errors.md: the sentences by which Flowship refuses or fails, from where they are written.

The rules about values are data. The others are read from the source: what is given to a finding, to an error of
`flowship/errors.py` or one derived from it, and what modules
that only explain say. Each sentence tells what was found and how to mend it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from chartgen.pages.markdown import page, prose
from flowship.values.rules.all_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

BASE = "FlowshipError"
BLANK = "…"
EXPLAINING = {
    "A file of values, or `--set`, cannot be read": [
        f"values/reading/{name}.py" for name in ("assignment", "documents", "json_values", "scalars", "syntax")
    ],
    "A database cannot be reached": ["database/connection_errors.py"],
    "An object store cannot be used": ["artifacts/store_errors.py"],
    "A directory cannot be asked": ["auth/methods/ldap/explaining.py"],
}
"""What modules explain whose sentences are handed on by others."""
ABOUT_KEYS = {
    "A key, or what stands there": ["values/model/unknown_keys.py", "values/rules/refusals.py"],
    "What only a cluster has": ["values/reading/unresolved.py"],
}
"""The same of keys: what is said of any of them, with pieces that are put together."""
FOUND = "Finding"
"""What is wrong with values, and has been found elsewhere than by a rule."""
SIGNING_IN = "auth"
"""The room whose errors a running server meets."""
WORDS = 5
"""A text of fewer words is a part of a sentence."""


def errors_page(root: Path) -> str:
    """The whole page, from the source in a checkout."""
    source = root / "src" / "flowship"
    modules = {path: ast.parse(path.read_text()) for path in sorted(source.rglob("*.py"))}

    def explained(names: Iterable[str]) -> set[str]:
        return {each for name in names for each in _told(modules[source / name])}

    kinds = _kinds({path.relative_to(source): tree for path, tree in modules.items()})
    raised = _raised(modules, [kind.name for kind in kinds])
    about_keys = {title: explained(names) for title, names in ABOUT_KEYS.items()}
    elsewhere = raised[FOUND].difference(*about_keys.values())
    parts = [HEAD, _about_values(), *(_list(f"### {title}", told) for title, told in about_keys.items())]
    parts.append(_list("### Told of some keys, and of files", elsewhere))
    for kind in kinds:
        if kind.name in raised:
            parts.append(_list(f"## {kind.title}\n\n{kind.note}", raised[kind.name]))
    for title, names in EXPLAINING.items():
        parts.append(_list(f"## {title}\n\n{FOLLOWS}", explained(names)))
    return page("\n".join(parts))


FOLLOWS = "What follows the name of the place, or of the key, in a sentence."
IN_A_SERVER = (
    "No exit status of a command: a running server logs it and lets nobody in, and `flowship check --live` tells what "
    "of it can be tried."
)
HEAD = """# Errors

The sentences by which Flowship's commands refuse or fail, and those of signing in by a directory or a provider, as
they are in the program: each says what was found, and what to write or run instead. `…` stands for a name, a place or
a number of yours. Search this page for a few words of what you were shown. On a laptop and in a pod it is in the
terminal or the container's log; of values, `helm install` says the same.

Not here is what a server answers to a single request, and what a command says of its own options. What is nowhere in
Flowship is said by MLflow, by Helm, or by what is in between: see [Symptoms](symptoms.md).
"""


@dataclass(frozen=True)
class Kind:
    """An error for users: its class, what it means, and with which status a command ends by it; None where no command
    does."""

    name: str
    text: str
    status: int | None

    @property
    def note(self) -> str:
        """Where it is told."""
        return IN_A_SERVER if self.status is None else f"Exit status {self.status}."

    @property
    def title(self) -> str:
        """What it means, as a heading."""
        text = re.split(r"[.:;]", self.text.partition("\n")[0])[0].removeprefix("Says that ")
        return text[0].upper() + text[1:]


def _list(head: str, sentences: Iterable[str]) -> str:
    return f"{head}\n\n" + "".join(f"- {each}\n" for each in sorted(sentences))


def _about_values() -> str:
    told: dict[str, set[str]] = defaultdict(set)
    for rule in RULES:
        told[rule.keys[0].split(".")[0]].add(rule.sentence)
    parts = [
        "## The values are refused\n\nExit status 2, of `flowship check`, `up` and all others that read values. Every "
        "finding is told at once, with its file and line.\n"
    ]
    return "\n".join(parts + [_list(f"### {section}", map(_sentence, told[section])) for section in sorted(told)])


def _sentence(rule: str) -> str:
    keys, _, reason = rule.partition(": ")
    return f"{', '.join(f'`{key}`' for key in keys.split(', '))}: {prose(reason)}"


def _kinds(modules: dict[Path, ast.Module]) -> list[Kind]:
    """The errors for users, each followed by those that are derived from it; `modules` have their paths in the
    package."""
    classes = [
        (path, node) for path, tree in modules.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]

    def derived(base: Kind) -> Iterator[Kind]:
        yield base
        for path, each in classes:
            if base.name in _bases(each):
                status = None if path.parts[0] == SIGNING_IN else _status(each, base.status)
                yield from derived(Kind(each.name, ast.get_docstring(each) or each.name, status))

    return list(derived(Kind(BASE, "Anything else", 1)))


def _bases(kind: ast.ClassDef) -> set[str]:
    return {ast.unparse(node) for node in kind.bases}


def _status(kind: ast.ClassDef, inherited: int | None) -> int | None:
    for node in kind.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "exit_code":
            return int(ast.literal_eval(node.value))
    return inherited


def _raised(modules: dict[Path, ast.Module], kinds: Collection[str]) -> dict[str, set[str]]:
    """The sentences that are given to a class, by its name, and those that a class derived from these kinds makes
    itself: another error may have the same name."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in modules.values():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[sentence, *_]):
                    found[name] |= set(_texts(sentence))
                case ast.ClassDef(name=name) if not _bases(node).isdisjoint(kinds):
                    found[name] |= {text for call in ast.walk(node) if _makes_it(call) for text in _texts(call.args[0])}
    return {name: sentences for name, sentences in found.items() if sentences}


def _makes_it(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and bool(node.args) and ast.unparse(node.func) == "super().__init__"


def _told(tree: ast.Module) -> Iterator[str]:
    """The sentences in a module that explains: its texts, without docstrings, and without the words of others by which
    they are chosen, which are keys of a map, in tuples, or an enum's."""
    passed_over = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.Tuple | ast.Dict | ast.ClassDef)
        for part in _no_sentences(node)
    }
    for node in _outermost(tree):
        if id(node) not in passed_over:
            yield from _texts(node)


def _no_sentences(node: ast.Expr | ast.Tuple | ast.Dict | ast.ClassDef) -> list[ast.expr | None]:
    match node:
        case ast.Expr():
            return [node.value]
        case ast.Tuple():
            return list(node.elts)
        case ast.Dict():
            return list(node.keys)
        case ast.ClassDef():
            return [each.value for each in node.body if isinstance(each, ast.Assign)]


def _outermost(node: ast.AST) -> Iterator[ast.expr]:
    """The texts below a node that are no part of a longer one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield child
        else:
            yield from _outermost(child)


def _texts(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression makes, with blanks; none of what only hands one on."""
    text = _text(node)
    if len(text.replace(BLANK, "").split()) >= WORDS:
        whole = re.sub(f"{BLANK}+", BLANK, text.strip())  # one may be empty
        yield prose(re.sub(rf"\.{BLANK}$", ".", whole))
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.sub(r"\{\w+\}|%s", BLANK, str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return BLANK

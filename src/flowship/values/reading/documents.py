"""A values file as Helm reads it: one YAML document, with the line of every key and list item.

The meaning of merge keys is Helm's. Flowship refuses what Helm would take while dropping a part of it: a key written
twice, text after a document's end, and a second document. Messages name keys, never values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from flowship.values.model.finding import Finding
from flowship.values.model.provenance import DEEPEST, Item, Source
from flowship.values.reading import scalars
from flowship.values.reading.syntax import QUOTE_IT, MalformedError, compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.model.provenance import Scalar

# Each alias is read as a copy, so a few lines of aliases to aliases could fill the memory. Helm has a limit of about
# this size (go-yaml: "document contains excessive aliasing").
_MOST_COPIES = 100_000

SECOND_DOCUMENT = (
    "a second YAML document begins here, which Helm 3 does not read and Helm 4 lays over the first; remove the line, "
    "or write it into a file of its own"
)
_TOO_DEEP = f"the values are nested more than {DEEPEST} levels deep"
_BOM = "\ufeff"


class DocumentError(ValueError):
    """The file cannot be read as values."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


def read(content: bytes, name: str) -> Item:
    """Give the map that a values file holds. A second document is refused: Helm 3 drops it, Helm 4 merges it over the
    first, and no chart can see which."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError([_found("the file is not UTF-8 text; save it as UTF-8", Source(name, line))]) from None
    findings = [
        _found("a line that starts with `---` may hold nothing but a comment", Source(name, number, 4))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.startswith("---") and (rest := line[3:].strip()) and not rest.startswith("#")
    ]
    values = Item({}, Source(name))
    several = False
    for first_line, document in _documents(text):
        before = sum(line.startswith("---") for line in text.split("\n")[: first_line - 1])
        if not _says_something(document):
            continue
        if several or before > 1:
            findings.append(_found(SECOND_DOCUMENT, Source(name, first_line - 1)))
        values = _Reader(name, first_line, findings).read(document)
        several = True
    if findings:
        raise DocumentError(findings)
    return values


def _found(reason: str, source: Source) -> Finding:
    return Finding(f"{reason}.", source=source)


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """Split at lines that start with `---`, as Kubernetes' YAMLReader does for Helm 4, whatever YAML says of them."""
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines):
        if not line.startswith("---"):
            continue
        if number > start:
            yield start + 1, "\n".join(lines[start:number]).removeprefix(_BOM)
        start = number + 1
    yield start + 1, "\n".join(lines[start:]).removeprefix(_BOM)


def _says_something(document: str) -> bool:
    """Tell whether there is more than comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in document.split("\n"))


class _Reader:
    """Reads one document of a file."""

    def __init__(self, name: str, first_line: int, findings: list[Finding]) -> None:
        self._name = name
        self._first_line = first_line
        self._findings = findings
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._copies = 0

    def read(self, text: str) -> Item:
        empty = Item({}, Source(self._name))
        try:
            node = compose(text)
            if node is None:
                return empty
            item = self._item(node, node)
        except MalformedError as error:
            source = Source(self._name, self._first_line + error.line - 1, error.column)
            self._findings.append(_found(error.reason, source))
            return empty
        except RecursionError:
            self._findings.append(_found(_TOO_DEEP, Source(self._name, self._first_line)))
            return empty
        if item.content is None:
            return empty
        if not isinstance(item.content, dict):
            self._refuse(node, "the values must be a map of keys, such as `auth:` with its keys indented below it")
            return empty
        return item

    def _item(self, node: yaml.Node, place: yaml.Node) -> Item:
        """Give the value of a node, said to be written where `place` is: a value's place is its key."""
        source = Source(self._name, self._first_line + place.start_mark.line)
        if isinstance(node, yaml.ScalarNode):
            return Item(self._scalar(node), source)
        if not self._enter(node):
            return Item(None, source)
        try:
            if isinstance(node, yaml.SequenceNode):
                return Item([self._item(child, child) for child in node.value], source)
            items: dict[str, Item] = {}
            if isinstance(node, yaml.MappingNode):
                self._fill(items, node)
            return Item(items, source)
        finally:
            self._open.discard(id(node))

    def _enter(self, node: yaml.Node) -> bool:
        """Tell whether to go into a node: an alias is the node of its anchor again."""
        if id(node) in self._open:
            self._refuse(node, "an anchor that contains an alias of itself has no end")
            return False
        if len(self._open) > DEEPEST:
            self._refuse(node, _TOO_DEEP)
            return False
        if id(node) in self._seen:
            self._copies += len(node.value) + 1
        if self._copies > _MOST_COPIES:
            if not self._findings:
                self._refuse(node, "aliases make far too many copies of what they stand for")
            return False
        self._seen.add(id(node))
        self._open.add(id(node))
        return True

    def _scalar(self, node: yaml.ScalarNode) -> Scalar:
        try:
            return node.value if node.style else scalars.value(node.value)
        except scalars.ScalarError as error:
            self._refuse(node, f"the value {error}")
            return None

    def _fill(self, items: dict[str, Item], node: yaml.MappingNode) -> None:
        """Add the map's keys in the order of the file: as in Helm, what `<<` brings replaces the keys above it."""
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if _is_merge(key_node):
                self._merge(items, value_node)
                continue
            key = self._key(key_node)
            if key is None:
                continue
            if key in lines:
                self._refuse(key_node, f"the key `{key}` stands in this map already, at line {lines[key]}; keep one")
            lines[key] = self._first_line + key_node.start_mark.line
            items[key] = self._item(value_node, key_node)

    def _key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(node, f"a list or map cannot be a key; {QUOTE_IT}")
            return None
        try:
            return node.value if node.style else scalars.key(node.value)
        except scalars.ScalarError as error:
            self._refuse(node, f"the key {error}")
            return None

    def _merge(self, items: dict[str, Item], node: yaml.Node) -> None:
        # The first map of a list wins, so it comes last.
        for merged in reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(merged, yaml.MappingNode):
                self._refuse(merged, "`<<` merges maps: its value must be an alias of a map, or a list of them")
            elif self._enter(merged):
                self._fill(items, merged)
                self._open.discard(id(merged))

    def _refuse(self, node: yaml.Node, reason: str) -> None:
        mark = node.start_mark
        source = Source(self._name, self._first_line + mark.line, mark.column + 1)
        self._findings.append(_found(reason, source))


def _is_merge(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "<<" and node.style is None

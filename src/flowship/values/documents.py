"""A values file as Helm 4 reads it: one or more YAML documents, merged, with the line of every key and list item.

PyYAML parses; the meaning of scalars, merge keys and documents is Helm's. Flowship refuses what Helm would take while
dropping a part of it: a key written twice, and text after a document's end (`...`). Messages never quote the file's
text, which may hold passwords: PyYAML's own messages sometimes do, so they are replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from flowship.values import scalars
from flowship.values.provenance import Item, Source, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.provenance import Scalar

# Each alias is read as a copy, so a few lines of aliases to aliases could fill the memory. Helm has a limit of about
# this size (go-yaml: "document contains excessive aliasing").
_MOST_COPIES = 100_000

_QUOTE_IT = "put the value in quotes if it is meant as text"
_SYNTAX = (
    ("cannot start any token", f"this character cannot start a value, and tabs cannot indent; {_QUOTE_IT}"),
    ("undefined alias", f"`*` starts an alias, and no anchor of that name stands above; {_QUOTE_IT}"),
    ("expected alphabetic or numeric", f"`*` and `&` start an alias or an anchor, which needs a name; {_QUOTE_IT}"),
    ("mapping values are not allowed", f"a key and `:` cannot stand here: mend the indentation, or {_QUOTE_IT}"),
    ("could not find expected ':'", "a key without `:`; mend the indentation, or put a long text in quotes"),
    ("unexpected end of stream", "the text in quotes that starts here has no closing quote"),
    ("found unknown escape", "a backslash in double quotes starts an escape: double it, or use single quotes"),
    ("tag", f"`!` starts a tag, and this one is not understood; {_QUOTE_IT}"),
    ("directive", "a line that starts with `%` is a directive; Helm reads none in values"),
    ("block end", "the indentation does not fit the lines above"),
    ("expected ',' or", "a `,` or the closing bracket is missing"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a part of a file cannot be read, as a sentence that quotes no value."""

    reason: str
    line: int | None = None
    column: int | None = None


class DocumentError(ValueError):
    """The file cannot be read as values; `refusals` holds everything found."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(refusal.reason for refusal in refusals))
        self.refusals = tuple(refusals)


def read(content: bytes, name: str) -> Item:
    """The map that a values file holds; documents after the first are merged over it (Helm 3 drops them)."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError([Refusal("the file is not UTF-8 text; save it as UTF-8", line)]) from None
    refusals: list[Refusal] = []
    values = Item({}, Source(name))
    for first_line, document in _documents(text, refusals):
        reader = _Reader(name, first_line, refusals)
        values = merge(values, reader.read(document))
    if refusals:
        raise DocumentError(refusals)
    return values


def _documents(text: str, refusals: list[Refusal]) -> Iterator[tuple[int, str]]:
    """Split at lines that start with `---`, as Kubernetes' YAMLReader does for Helm 4, whatever YAML says of them."""
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines):
        if not line.startswith("---"):
            continue
        if (rest := line[3:].strip()) and not rest.startswith("#"):
            refusals.append(Refusal("a line that starts with `---` may hold nothing but a comment", number + 1, 4))
        if number > start:
            yield start + 1, "\n".join(lines[start:number])
        start = number + 1
    yield start + 1, "\n".join(lines[start:])


class _Composer(yaml.SafeLoader):
    """Composes nodes without deciding what scalars mean: a scalar's tag is the one in the file, or None."""

    def next_event(self) -> yaml.Event:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        return event

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.next_event()
        if isinstance(event, yaml.NodeEvent) and not isinstance(event, yaml.AliasEvent):
            # YAML lets an anchor be defined anew; PyYAML does not.
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> Any:
        event = self.next_event()
        node = super().compose_scalar_node(anchor)
        node.tag = event.tag
        return node


class _Reader:
    """Reads one document of a file."""

    def __init__(self, name: str, first_line: int, refusals: list[Refusal]) -> None:
        self._name = name
        self._first_line = first_line
        self._refusals = refusals
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._copies = 0

    def read(self, text: str) -> Item:
        empty = Item({}, Source(self._name))
        try:
            node = self._compose(text)
            if node is None:
                return empty
            item = self._item(node, node)
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position)
            self._refusals.append(Refusal("a control character, which YAML does not allow", self._first_line + line))
            return empty
        except yaml.MarkedYAMLError as error:
            self._refuse_syntax(error)
            return empty
        except RecursionError:
            self._refusals.append(Refusal("the values are nested too deeply", self._first_line))
            return empty
        if item.content is None:
            return empty
        if not isinstance(item.content, dict):
            self._refuse(node, "the values must be a map of keys, such as `auth:` with its keys indented below it")
            return empty
        return item

    def _compose(self, text: str) -> yaml.Node | None:
        composer = _Composer(text)
        try:
            node = composer.get_node() if composer.check_node() else None
            if not composer.check_event(yaml.StreamEndEvent):
                mark = composer.next_event().start_mark
                reason = "Helm does not read what follows the end of a document (`...`): start a new one with `---`"
                self._refusals.append(Refusal(reason, self._first_line + mark.line, mark.column + 1))
            return node
        finally:
            composer.dispose()

    def _item(self, node: yaml.Node, place: yaml.Node) -> Item:
        """The value of a node, said to be written where `place` is: a value's place is its key."""
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
        """Whether to go into a node: an alias is the node of its anchor again."""
        if id(node) in self._open:
            self._refuse(node, "an anchor that contains an alias of itself has no end")
            return False
        if id(node) in self._seen:
            self._copies += len(node.value) + 1
        if self._copies > _MOST_COPIES:
            if not self._refusals:
                self._refuse(node, "aliases make far too many copies of what they stand for")
            return False
        self._seen.add(id(node))
        self._open.add(id(node))
        return True

    def _scalar(self, node: yaml.ScalarNode) -> Scalar:
        try:
            return scalars.value(node.value, node.tag, plain=node.style is None)
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
            self._refuse(node, f"a list or map cannot be a key; {_QUOTE_IT}")
            return None
        try:
            return scalars.key(node.value, node.tag, plain=node.style is None)
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
        self._refusals.append(Refusal(reason, self._first_line + mark.line, mark.column + 1))

    def _refuse_syntax(self, error: yaml.MarkedYAMLError) -> None:
        problem = f"{error.problem}"
        reason = next((ours for theirs, ours in _SYNTAX if theirs in problem), "this is not valid YAML")
        # What is missing at the end is best looked for where it began.
        mark = (error.context_mark if "end of stream" in problem else None) or error.problem_mark
        if mark is None:
            self._refusals.append(Refusal(reason, self._first_line))
        else:
            self._refusals.append(Refusal(reason, self._first_line + mark.line, mark.column + 1))


def _is_merge(node: yaml.Node) -> bool:
    if not isinstance(node, yaml.ScalarNode) or node.value != "<<":
        return False
    return node.tag == scalars.MERGE_TAG or (node.tag is None and node.style is None)

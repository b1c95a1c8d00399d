"""YAML text to nodes, by a parser that agrees with the one in Helm, and its complaints in our words.

The words are ours because the parser's own can quote the text, and so a password: `undefined alias 'secret'`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

# libyaml and the parser that Helm uses have one ancestor and agree to the letter, on tabs for example. PyYAML's own
# parser, for where it was built without libyaml, refuses some of what they take.
_PARSER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_SLASH_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_TEXT = "tag:yaml.org,2002:str"
_CONTROL = yaml.reader.Reader.NON_PRINTABLE

QUOTE_IT = "put the value in quotes if it is meant as text"
_AFTER_END = "nothing may follow the end of a document (`...`, or less indentation than its start): Helm drops it"
# Parts of libyaml's messages and of PyYAML's, and what we say in their place.
_SYNTAX = (
    ("cannot start any token", f"this character cannot start a value, and tabs cannot indent; {QUOTE_IT}"),
    ("tab character", "a tab cannot indent; use spaces"),
    ("undefined alias", f"`*` starts an alias, and no anchor of that name stands above; {QUOTE_IT}"),
    ("alphabetic or numeric", f"`*` and `&` start an alias or an anchor, which needs a name; {QUOTE_IT}"),
    ("mapping values are not allowed", f"a key and `:` cannot stand here: mend the indentation, or {QUOTE_IT}"),
    ("could not find expected ':'", "a key without `:`; mend the indentation, or put a long text in quotes"),
    ("unexpected end of stream", "the text in quotes that starts here has no closing quote"),
    ("escape", "a backslash in double quotes starts an escape, and this is none: double it, or use single quotes"),
    ("directive", "a line that starts with `%` is a directive, and Helm reads none in values"),
    ("document start", _AFTER_END),
    ("tag", f"`!` starts a tag, and values have no other than !!str; {QUOTE_IT}"),
    ("node content", "a value or the closing bracket is missing"),
    ("',' or", "a `,` or the closing bracket is missing"),
    ("block end", "the indentation does not fit the lines above"),
    ("expected key", "the indentation does not fit the lines above"),
    ("'-' indicator", "the indentation does not fit the list above"),
)


class MalformedError(ValueError):
    """The text is not YAML that Helm reads whole; the reason quotes no value, and lines count from the text's start."""

    def __init__(self, reason: str, line: int = 1, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


def compose(text: str) -> yaml.Node | None:
    """Give the node of the text's only document; None if there is nothing in it."""
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise MalformedError("a control character, which YAML does not allow", line)
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        raise _malformed(error) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML's own parser leaves an impossible `\U` to `chr`.
        raise MalformedError("this is not valid YAML") from None


def _malformed(error: yaml.MarkedYAMLError) -> MalformedError:
    problem = f"{error.problem}"
    reason = next((ours for theirs, ours in _SYNTAX if theirs in problem), "this is not valid YAML")
    # What is missing at the end is best looked for where it began.
    mark = (error.context_mark if "end of stream" in problem else None) or error.problem_mark
    return MalformedError(reason) if mark is None else MalformedError(reason, mark.line + 1, mark.column + 1)


class _Composer:
    """Makes nodes of a parser's events. A scalar's style is None if it is plain: without quotes, and without the tag
    that makes it a text. Other tags are refused: Helm takes most of them for no tag, or for one that says text.

    PyYAML's composer decides here what scalars mean, and refuses an anchor that is defined anew, which YAML allows.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._events: Iterator[Any] = yaml.parse(text, Loader=_PARSER)
        self._anchors: dict[str, yaml.Node] = {}

    def document(self) -> yaml.Node | None:
        """Give the node of the only document; None if the text has none."""
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                node = self._node(event)
                self._expect_end()
                return node
        return None

    def _expect_end(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _syntax_error("document start", event)

    def _node(self, event: Any) -> yaml.Node:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _syntax_error("undefined alias", event)
            return self._anchors[event.anchor]
        node = self._begun(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        if not isinstance(node, yaml.ScalarNode):
            node.value.extend(self._children(node))
        return node

    def _begun(self, event: Any) -> yaml.Node:
        marks = (event.start_mark, event.end_mark)
        if isinstance(event, yaml.ScalarEvent):
            return yaml.ScalarNode(_TEXT, event.value, *marks, style=self._style(event))
        if event.tag is not None:
            raise _syntax_error("tag", event)
        kind = yaml.SequenceNode if isinstance(event, yaml.SequenceStartEvent) else yaml.MappingNode
        return kind("", [], *marks)

    def _children(self, node: yaml.Node) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            child = self._node(event)
            yield child if isinstance(node, yaml.SequenceNode) else (child, self._node(next(self._events)))

    def _style(self, event: Any) -> str | None:
        written = self._text[event.start_mark.index : event.end_mark.index]
        if event.style == '"' and _SLASH_ESCAPE.search(written):
            # YAML 1.2 and libyaml know this escape, Helm does not.
            raise _syntax_error("escape", event)
        if event.tag not in (None, _TEXT):
            raise _syntax_error("tag", event)
        return event.style or ("'" if event.tag else None)


def _syntax_error(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)

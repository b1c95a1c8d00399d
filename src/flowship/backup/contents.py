"""What a dump holds, found by reading it whole, line by line; and the lines as they can be loaded elsewhere.

`pg_dump` writes a row as one line between COPY and `\\.`; `mysqldump --skip-extended-insert` writes it as one INSERT,
and line breaks inside as `\\n`. Both end with a comment that says so, which a dump that was cut short lacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from flowship.mlflow_seams.database.schema import AUTH_VERSION_TABLE, TRACKING_VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowship.database.url import Kind

VERSION_TABLES = (TRACKING_VERSION_TABLE, AUTH_VERSION_TABLE)


@dataclass
class Contents:
    """What a reader has found in a dump so far."""

    rows: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    """Whether the end was reached."""


class DumpReader(Protocol):
    """Reads one kind of dump."""

    contents: Contents

    def lines(self, source: Iterable[bytes]) -> Iterator[bytes]:
        """Read a dump, and give the lines that are to be kept; `contents` is known when all were read."""


def reader(kind: Kind) -> DumpReader:
    """Make a reader for the dumps of a kind of server."""
    return MysqlReader() if kind == "mysql" else PostgresReader()


class PostgresReader:
    """Reads what `pg_dump --format=plain` writes."""

    COPY = re.compile(rb'COPY ((?:"(?:[^"]|"")*"|[^\s"])+) .*FROM stdin;\r?\n')
    END_OF_ROWS = b"\\.\n"
    END = b"-- PostgreSQL database dump complete\n"
    ONLY_NEW_SERVERS_KNOW = b"SET transaction_timeout = 0;\n"
    """pg_dump 17 writes it also for an older server, which then refuses it."""

    def __init__(self) -> None:
        self.contents = Contents()

    def lines(self, source: Iterable[bytes]) -> Iterator[bytes]:
        table: str | None = None
        for line in source:
            if table is not None:
                table = self._row(table, line)
            elif found := self.COPY.fullmatch(line):
                table = found[1].decode()
                self.contents.rows[table] = 0
            elif line == self.ONLY_NEW_SERVERS_KNOW:
                continue
            elif line == self.END:
                self.contents.complete = True
            yield line

    def _row(self, table: str, line: bytes) -> str | None:
        if line == self.END_OF_ROWS:
            return None
        self.contents.rows[table] += 1
        if (name := table.rpartition(".")[2]) in VERSION_TABLES:
            self.contents.revisions[name] = line.decode().strip()
        return table


class MysqlReader:
    """Reads what `mysqldump` and `mariadb-dump` write with one INSERT a row."""

    CREATE = re.compile(rb"CREATE TABLE `((?:[^`]|``)+)` \(")
    INSERT = re.compile(rb"INSERT INTO `((?:[^`]|``)+)` ")
    REVISION = re.compile(rb"VALUES \('([^']*)'\);")
    DEFINER = re.compile(rb"/\*!50017 DEFINER=.*?\*/ ")
    END = b"-- Dump completed"
    MAY_HAVE_ONE = re.compile(rb"[(,]-0[,)]")
    NEGATIVE_ZERO = re.compile(rb"'(?:[^'\\]|\\.)*'|(?<=[(,])-0(?=[,)])", re.DOTALL)
    """As a whole number, which it then is, it loses its sign; texts are matched to be passed over."""
    SANDBOX = b"/*M!999999\\- enable the sandbox mode */"
    """For MariaDB's own client, others stumble over it; `--binary-mode` allows as little."""

    def __init__(self) -> None:
        self.contents = Contents()

    def lines(self, source: Iterable[bytes]) -> Iterator[bytes]:
        in_trigger = False
        for line in source:
            if line.startswith(b"DELIMITER "):
                in_trigger = line.strip() != b"DELIMITER ;"
            elif in_trigger:
                # Only an administrator may make a trigger in the name of somebody else.
                yield self.DEFINER.sub(b"", line) if line.startswith(b"/*!50003 CREATE*/") else line
                continue
            elif line.startswith(self.SANDBOX):
                continue
            else:
                self._look_at(line)
            yield self._exact(line)

    def _exact(self, line: bytes) -> bytes:
        """Give the line with its numbers as they were in the database."""
        if not self.MAY_HAVE_ONE.search(line) or not self.INSERT.match(line):
            return line
        return self.NEGATIVE_ZERO.sub(lambda found: b"-0e0" if found[0] == b"-0" else found[0], line)

    def _look_at(self, line: bytes) -> None:
        contents = self.contents
        if found := self.INSERT.match(line):
            table = _unquoted(found[1])
            contents.rows[table] = contents.rows.get(table, 0) + 1
            if table in VERSION_TABLES and (revision := self.REVISION.search(line)):
                contents.revisions[table] = revision[1].decode()
        elif found := self.CREATE.match(line):
            contents.rows.setdefault(_unquoted(found[1]), 0)
        elif line.startswith(self.END):
            contents.complete = True


def _unquoted(name: bytes) -> str:
    return name.decode().replace("``", "`")

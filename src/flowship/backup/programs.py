"""The database makers' own programs, which dump and load: here, or by a script in a container of the database's image.

Passwords reach them by variables of their own environment, since arguments are for everybody to see. A script holds
such variables, so only its owner can read it, and it belongs into memory.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowship.database.engine import MYSQL_TLS
from flowship.database.url import server_host
from flowship.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from flowship.database.database import Database
    from flowship.database.url import Kind

# Where to connect to is for the values to say; the rest, such as PGSSLMODE, is meant for every client of libpq.
DECIDED = frozenset({"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGDATA"})

PG_DUMP = (
    *("--format=plain", "--encoding=UTF8", "--no-password"),
    *(
        "--no-owner",
        "--no-privileges",
        "--no-comments",
    ),  # whoever restores it owns it, and need not be an administrator
)
PSQL = (
    *("--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null"),
    *("--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"),
)
MYSQLDUMP = (
    *("--single-transaction", "--skip-lock-tables", "--no-tablespaces", "--hex-blob", "--triggers"),
    *("--skip-extended-insert", "--no-autocommit"),  # rows that can be counted, and loaded all the same quickly
    *("--skip-add-drop-table", "--skip-add-locks"),
    # For MySQL's own, which would otherwise ask for what only an administrator may see.
    *("--loose-set-gtid-purged=OFF", "--loose-column-statistics=0", "--loose-skip-masking-policies"),
)

DEFINER = r"^(/\*!50003 CREATE\*/ )?/\*!500(13|17) DEFINER=`[^`]*`@`[^`]*`"
NO_DEFINER = r"\1/*!500\2 "
"""Takes away who made a trigger or a view, which stands at the start of a dump's line, where no row can: only an
administrator may load it for another one, so it is whoever loads it from then on. Python and sed read both alike."""

PACKAGES: dict[Kind, str] = {"postgresql": "postgresql-client", "mysql": "mysql-client or mariadb-client"}


@dataclass(frozen=True)
class Program:
    """How a database is dumped to standard output, or loaded from standard input."""

    names: tuple[str, ...]
    """What it is called; the first that is there is run."""
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    package: str
    """What brings it, as people install it."""
    anonymous: bool = False
    """Whether who made a trigger or a view is taken out of what it loads."""

    def find(self) -> str:
        """Find the program on this machine.

        Raises:
            BackupError: it is not there.
        """
        if path := next(filter(None, map(shutil.which, self.names)), None):
            return path
        raise BackupError(f"{' or '.join(self.names)} is not in PATH. Install {self.package}.")


def dumping(database: Database, environ: Mapping[str, str]) -> Program:
    """Choose the program that dumps a server's database as SQL, whoever owns it, with one line for each row."""
    if database.kind == "postgresql":
        return _postgres("pg_dump", database, environ, PG_DUMP)
    return _mysql(("mariadb-dump", "mysqldump"), database, environ, MYSQLDUMP)


def loading(database: Database, environ: Mapping[str, str]) -> Program:
    """Choose the program that loads such a dump and stops at the first error; PostgreSQL then keeps nothing of it."""
    if database.kind == "postgresql":
        return _postgres("psql", database, environ, PSQL)
    return replace(_mysql(("mariadb", "mysql"), database, environ, ("--binary-mode",)), anonymous=True)


def _postgres(name: str, database: Database, environ: Mapping[str, str], arguments: tuple[str, ...]) -> Program:
    url = database.url
    decided = {
        "PGHOST": server_host(url),
        "PGPORT": str(url.port),
        "PGDATABASE": url.database,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
    }
    inherited = {key: value for key, value in environ.items() if key.startswith("PG") and key not in DECIDED}
    environment = inherited | {key: str(value) for key, value in decided.items() if value}
    return Program((name,), arguments, environment, PACKAGES["postgresql"])


def _mysql(
    names: tuple[str, ...], database: Database, environ: Mapping[str, str], arguments: tuple[str, ...]
) -> Program:
    url = database.url
    connection = (
        "--no-defaults",
        f"--host={url.host}",
        f"--port={url.port}",
        f"--user={url.username or ''}",
        "--protocol=TCP",
        "--default-character-set=utf8mb4",
        "--loose-get-server-public-key",
        *_mysql_tls(environ),
    )
    environment = {"MYSQL_PWD": str(url.password)} if url.password else {}
    return Program(names, (*connection, *arguments, "--", str(url.database)), environment, PACKAGES["mysql"])


def _mysql_tls(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Give the certificates that MLflow is told of; without a CA none is checked, as PyMySQL does not either. MySQL's
    and MariaDB's programs have different words for it, and take those of the other only as `loose`."""
    given = {name.replace("_", "-"): environ[variable] for name, variable in MYSQL_TLS.items() if environ.get(variable)}
    files = tuple(f"--{name}={file}" for name, file in given.items())
    if "ssl-ca" in given:
        return (*files, "--loose-ssl-mode=VERIFY_CA", "--loose-ssl-verify-server-cert")
    return (*files, "--loose-skip-ssl-verify-server-cert")


def dump_here(program: Program, file: Path) -> None:
    """Run a program that dumps, into a new file.

    Raises:
        BackupError: it is not there, or it failed.
    """
    with file.open("xb") as output:
        run = subprocess.run(
            [program.find(), *program.arguments],
            env=_environment(program),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
        )
    if run.returncode:
        raise BackupError(f"{program.names[-1]} failed: {_said(run.stderr)}")


def load_here(program: Program, file: Path) -> None:
    """Run a program that loads, with the content of a compressed file.

    Raises:
        BackupError: it is not there, or it failed.
    """
    command = [program.find(), *program.arguments]
    with (
        gzip.open(file) as source,
        subprocess.Popen(
            command,
            env=_environment(program),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended early, and says why
            if program.anonymous:
                process.stdin.writelines(_anonymous(source))
            else:
                shutil.copyfileobj(source, process.stdin, 1 << 20)
        _, said = process.communicate()
    if process.returncode:
        raise BackupError(f"{program.names[-1]} failed: {_said(said)}")


def dump_script(program: Program, file: str) -> str:
    """Write what `dump_here` does as a script for `sh`, which a container runs that has no Flowship in it."""
    return f'{_prelude(program)}exec "$program" {shlex.join(program.arguments)} > {shlex.quote(file)}\n'


def load_script(program: Program, file: str) -> str:
    """Write what `load_here` does as a script for `sh`."""
    # A file that cannot be read to its end must not pass for a short one.
    source = f"{{ gzip -dc {shlex.quote(file)} || echo 'the file is damaged;'; }}"
    if program.anonymous:
        source += f" | LC_ALL=C sed -E {shlex.quote(f's~{DEFINER}~{NO_DEFINER}~')}"
    return f'{_prelude(program)}{source} | "$program" {shlex.join(program.arguments)}\n'


NOTHING_TO_DO = "exit 0\n"


def _anonymous(lines: Iterable[bytes]) -> Iterator[bytes]:
    definer, without = re.compile(DEFINER.encode()), NO_DEFINER.encode()
    return (definer.sub(without, line) for line in lines)


def _prelude(program: Program) -> str:
    variables = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in program.environment.items())
    found = " || ".join(f"command -v {name}" for name in program.names)
    missing = f"this image has no {' or '.join(program.names)}; name one that has in backup.images"
    return f"set -eu\numask 077\n{variables}program=$({found}) || {{ echo {shlex.quote(missing)} >&2; exit 1; }}\n"


def _environment(program: Program) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in DECIDED}
    return inherited | dict(program.environment)


def _said(error: bytes) -> str:
    return " ".join(error.decode(errors="replace").split())[:2000] or "it said nothing"

"""Databases and artifacts that the real MLflow 2.22.0 made, kept as dumps, so that each test gets a copy of its own.

Making them takes the old server some 20 seconds per kind of database. They are made once and kept in .cache, under a
name that changes when anything that they are made from changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import URL

from tests.integration.legacy.environment import REQUIREMENTS, exclusive, old_programs
from tests.integration.legacy.server import ADMIN, DEFAULT_PERMISSION, OldMlflowServer
from tests.integration.servers.database import Database
from tests.integration.servers.process import REPOSITORY, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

Kind = Literal["sqlite", "postgres", "mariadb"]

CACHE = REPOSITORY / ".cache" / "legacy-data"
SOURCES = ("authentication.py", "data.py", "fill.py", "model.py", "reading.py", "server.py")

USERS: Mapping[str, str] = {
    ADMIN: "admin of 2.22.0",
    "ada": "twelve chars",  # as short as MLflow 2.22.0 allows
    "grace": "pässwörd: 100 % $HOME \"'\\ 😀",
    "root2": "another administrator",
}


@dataclass(frozen=True)
class LegacyCopy:
    """What MLflow 2.22.0 left behind, for one test to change as it likes."""

    kind: Kind
    database: Database | Path
    """The tracking database: a file for SQLite."""
    auth_database: Database | Path
    """Users and permissions: PostgreSQL with PostgreSQL, a SQLite file otherwise, as chart 0.16.5 has no third way."""
    artifacts: Path
    """What the old server's --artifacts-destination was."""
    manifest: Path
    """All that must still be readable; for `verify`."""
    users: Mapping[str, str]
    """Passwords by name."""
    admin: str = ADMIN
    default_permission: str = DEFAULT_PERMISSION


@dataclass(frozen=True)
class LegacyData:
    """What MLflow 2.22.0 left behind, as files that nobody changes."""

    kind: Kind
    directory: Path
    server: PostgresServer | MariadbServer | None
    """Where copies are made; None for SQLite."""

    @property
    def manifest(self) -> Path:
        return self.directory / "manifest.json"

    @property
    def artifacts(self) -> Path:
        return self.directory / "artifacts"

    def copy_to(self, directory: Path) -> LegacyCopy:
        """A copy with fresh databases; its files are put into the directory."""
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.artifacts, directory / "artifacts")
        return LegacyCopy(
            kind=self.kind,
            database=self._restore("tracking", directory),
            auth_database=self._restore("auth", directory),
            artifacts=directory / "artifacts",
            manifest=self.manifest,
            users=USERS,
        )

    def _restore(self, name: str, directory: Path) -> Database | Path:
        file = self.directory / f"{name}.db"
        if file.exists():
            return Path(shutil.copy(file, directory))
        assert self.server is not None
        database = self.server.fresh_database()
        self.server.load(database, self.directory / f"{name}.sql")
        return database


def legacy_data(kind: Kind, server: PostgresServer | MariadbServer | None) -> LegacyData:
    """The data of this kind; lets MLflow 2.22.0 make it if it is not there yet."""
    directory = CACHE / f"{kind}-{_sources_digest()}"
    with exclusive(CACHE / f"{kind}.lock"):
        if not directory.exists():
            for outdated in CACHE.glob(f"{kind}-*"):
                shutil.rmtree(outdated)
            with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
                _make(server, Path(unfinished))
                shutil.copytree(unfinished, directory)
    return LegacyData(kind, directory, server)


def _sources_digest() -> str:
    contents = [REQUIREMENTS.read_bytes(), *(Path(__file__).with_name(name).read_bytes() for name in SOURCES)]
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]


def _make(server: PostgresServer | MariadbServer | None, directory: Path) -> None:
    tracking = server.fresh_database() if server is not None else None
    auth = server.fresh_database() if server is not None and server.name == "postgres" else None
    driver = "mysql+pymysql" if server is not None and server.name == "mariadb" else "postgresql+psycopg2"
    tracking_url = _url(driver, tracking, directory / "tracking.db")
    auth_url = _url(driver, auth, directory / "auth.db")
    artifacts = directory / "artifacts"
    artifacts.mkdir()
    with OldMlflowServer(tracking_url, auth_url, artifacts, USERS[ADMIN]) as old:
        _fill(old, directory)
    for name, database in (("tracking", tracking), ("auth", auth)):
        if server is not None and database is not None:
            server.dump(database, directory / f"{name}.sql")


def _url(driver: str, database: Database | None, file: Path) -> URL:
    if database is None:
        return URL.create("sqlite", database=str(file))
    return URL.create(driver, database.user, database.password, database.host, database.port, database.name)


def _fill(server: OldMlflowServer, directory: Path) -> None:
    users = directory / "users.json"
    users.write_text(json.dumps(USERS))
    python = str(old_programs() / "python")
    program = [python, "-m", "tests.integration.legacy.fill"]
    options = ["--uri", server.url, "--users", str(users), "--manifest", str(directory / "manifest.json")]
    done = subprocess.run(
        [*program, *options],
        cwd=REPOSITORY,
        env={**os.environ, "MLFLOW_TRACKING_URI": server.url, "GIT_PYTHON_REFRESH": "quiet"},
        capture_output=True,
        text=True,
        check=False,
    )
    users.unlink()
    if done.returncode != 0:
        raise ServerError(f"{' '.join(program)} failed:\n{done.stderr}\n{server.log.read_text()[-4000:]}")

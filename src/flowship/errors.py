"""Errors that a user can mend; each message is a sentence that says what to write or run instead.

    FlowshipError                exit status 1
    ├── ValuesError              exit status 2: the values are refused; carries every finding
    ├── MissingExtraError        exit status 2: a library for what the values ask for is not installed
    ├── DatabaseError            the database cannot be used
    │   └── MigrationError       its schema cannot be brought to this MLflow's
    ├── BackupError              a backup cannot be taken, kept or restored
    ├── MoveError                what is to be moved cannot be, or did not arrive as it was
    ├── GarbageError             what was deleted cannot be removed for good
    ├── ArtifactStoreError       the object store cannot be used
    ├── DataDirectoryError       the data directory cannot be used
    ├── AccountsError            users, roles or grants cannot be read or changed as asked
    ├── LogInError               nobody can log in at a server from here, or is logged in
    ├── StatusError              a server does not tell how it is
    ├── KubernetesError          the API of Kubernetes refuses, or cannot be asked
    └── ServerError              the server could not start or ended by itself

Only `flowship.cli` turns them into text and an exit status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship import installing

if TYPE_CHECKING:
    from collections.abc import Sequence


class FlowshipError(Exception):
    """Base of all errors whose message is meant for the user."""

    exit_code = 1


class ValuesError(FlowshipError):
    """The values are refused; `found` holds each thing to mend, and `findings` a sentence for each."""

    exit_code = 2

    def __init__(self, found: Sequence[object]) -> None:
        self.found = tuple(found)
        self.findings = tuple(map(str, found))
        super().__init__("\n".join(self.findings))


class MissingExtraError(FlowshipError):
    """The values ask for a library that is an extra of Flowship and is not installed."""

    exit_code = 2

    def __init__(self, *, key: str, extra: str) -> None:
        self.key, self.extra = key, extra
        super().__init__(f"{key} needs libraries that are not installed. Run: {installing.command(extra)}")

    @property
    def what(self) -> str:
        """What the sentence says of the key."""
        return str(self).removeprefix(f"{self.key} ")


class DatabaseError(FlowshipError):
    """The database cannot be used: the message says why and what to change."""


class MigrationError(DatabaseError):
    """The database's schema cannot be brought to the one of this MLflow."""


class BackupError(FlowshipError):
    """A backup cannot be taken, kept or restored."""


class MoveError(FlowshipError):
    """What is to be moved cannot be, or did not arrive as it was."""


class ExportError(FlowshipError):
    """Experiments cannot be exported or imported."""


class GarbageError(FlowshipError):
    """What was deleted cannot be removed for good."""


class ArtifactStoreError(FlowshipError):
    """The object store or directory for artifacts cannot be used."""


class DataDirectoryError(FlowshipError):
    """The data directory cannot be written, or is in use by another Flowship."""


class AccountsError(FlowshipError):
    """Users, roles or grants cannot be read or changed as asked."""


class LogInError(FlowshipError):
    """Nobody can log in at a server from here, or nobody is logged in there: the message says why and what to do."""


class StatusError(FlowshipError):
    """A server does not tell how it is."""


class KubernetesError(FlowshipError):
    """The API of Kubernetes refuses what is asked, or cannot be asked."""


class ServerError(FlowshipError):
    """The server could not start, or ended by itself."""

"""Why a directory could not say whether a user may come in. A wrong password is no error.

DirectoryError
├── DirectoryDownError     no server of it answers as it should: asking again for another user is no use now
└── DirectorySetupError    it answers, but not to what the values ask
"""

from __future__ import annotations

from flowship.errors import FlowshipError


class DirectoryError(FlowshipError):
    """Says that the directory could not decide; the message tells an administrator why and what to change."""


class DirectoryDownError(DirectoryError):
    """Says that no server of the directory can be used."""


class DirectorySetupError(DirectoryError):
    """Says that the directory refuses what the values ask of it."""

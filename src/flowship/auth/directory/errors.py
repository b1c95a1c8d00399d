"""Why a directory could not say whether a user may come in. A wrong password is no error.

DirectoryError
├── DirectoryDownError     no server of it answers as it should: asking again for another user is no use now
└── DirectorySetupError    it answers, but not to what the values ask
"""

from __future__ import annotations

from flowship.errors import FlowshipError


class DirectoryError(FlowshipError):
    """The directory could not say; the message tells an administrator why and what to change."""


class DirectoryDownError(DirectoryError):
    """No server of the directory can be used."""


class DirectorySetupError(DirectoryError):
    """The directory refuses what the values ask of it."""

"""Why somebody could not come in by way of a provider.

ProviderError              the provider could not decide: not the user's fault
├── ProviderDownError      it does not answer: asking again later may help
└── ProviderSetupError     it answers, but not as the values, or OpenID Connect, have it
LogInRefusedError          the provider, or what it says of the user, does not let this user in
└── LogInAgainError        but it may, when the user logs in once more
"""

from __future__ import annotations

from flowship.errors import FlowshipError

LONGEST_WORD = 50
"""Characters of a provider's word for an error; those of OpenID Connect have 26 at most."""


class ProviderError(FlowshipError):
    """Says that the provider could not decide; the message tells an administrator why and what to change."""


class ProviderDownError(ProviderError):
    """Says that the provider cannot be asked now."""


class ProviderSetupError(ProviderError):
    """Says that the provider's answers do not fit what the values say."""


class LogInRefusedError(FlowshipError):
    """Says why this log-in is refused: the message is for the user, and `detail` for the log; neither holds a token."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail or sentence


class LogInAgainError(LogInRefusedError):
    """Says that what the provider gave is worth nothing any more, which says nothing of the user."""


def word_of(said: str, otherwise: str) -> str:
    """Give a provider's word for an error as a log may show it; what is no such word may be anything, and is left
    out."""
    return said if said.replace("_", "").isalpha() and len(said) < LONGEST_WORD else otherwise

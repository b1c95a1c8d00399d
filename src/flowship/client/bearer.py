"""A token in a request of `requests`, which puts what `~/.netrc` says of a host in its place unless it is done so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest


class Bearer(AuthBase):
    """Sends a token, or nothing where it is empty."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

"""`flowship tokens`: what programs show instead of a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flowship.accounts.by_api import RemoteAccounts
from flowship.accounts.tokens import RemoteTokens, StoredTokens
from flowship.auth.tokens.tokens import LONGEST_DAYS
from flowship.cli.accounts import audit
from flowship.cli.accounts.opened import Opened, Shown, accounts_options
from flowship.cli.terminal.command import below, group
from flowship.cli.terminal.types import Whole

if TYPE_CHECKING:
    from flowship.accounts.tokens import Tokens
    from flowship.database.own_tables.tokens_table import Token

TTL = "A server that runs knows it within a minute."


def row(token: Token) -> dict[str, Any]:
    """Give what is shown of a token."""
    from flowship.auth.pages.tokens import day

    return {
        "id": token.id,
        "user": token.username,
        "name": token.name,
        "scope": "read" if token.read_only else "all",
        "made": day(token.made_at),
        "ends": day(token.expires_at) if token.expires_at else "never",
        "used": day(token.used_at) if token.used_at else "never",
    }


def _tokens(found: Opened) -> Tokens:
    if isinstance(found.accounts, RemoteAccounts):
        return RemoteTokens(found.accounts)
    assert found.database is not None
    return StoredTokens(found.database.engine(), audit.changed)


@group()
def tokens() -> None:
    """List, make and revoke tokens of programs.

    Programs show them instead of a password. On the database of values (-f), or one's own at a running server
    (--server); an admin there those of all. MLflow's client takes one from MLFLOW_TRACKING_TOKEN. In a pod, -f is
    not needed.
    """


@below(tokens, {"One's own": "flowship tokens list --server https://mlflow.example.com"}, "list")
@click.argument("user", required=False)
@accounts_options
def list_(found: Opened, show: Shown, user: str | None) -> None:
    """List tokens, of USER or of all users."""
    show.rows([row(token) for token in _tokens(found).list(user)])


@below(tokens, {"For CI, which logs runs": "flowship tokens make ann nightly --days 30 --all -f values.yaml"})
@click.argument("user")
@click.argument("name")
@click.option(
    "--days", type=Whole("days", 0, LONGEST_DAYS), default=90, show_default=True, help="How long it lasts; 0 for ever."
)
@click.option("--all", "may_all", is_flag=True, help="It may all that the user may; else it may only read.")
@accounts_options
def make(found: Opened, show: Shown, user: str, name: str, days: int, may_all: bool) -> None:
    """Make a token of a user, and print it.

    It is shown this once. NAME says what it is for.
    """
    new, token = _tokens(found).make(user, name, days=days or None, read_only=not may_all)
    if show.as_json:
        show.done("", {**row(token), "token": new})
    else:
        click.echo(new)


@below(tokens, {"By the ID that `flowship tokens list` shows": "flowship tokens revoke 3f2a -f values.yaml"})
@click.argument("id")
@accounts_options
def revoke(found: Opened, show: Shown, id: str) -> None:  # noqa: A002 - what a token has
    """Revoke the token with this ID."""
    token = _tokens(found).revoke(id)
    show.done(f"revoked {token.name} of {token.username}. {TTL}", row(token))

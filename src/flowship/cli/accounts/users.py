"""`flowship users`: who may sign in, and who may do everything."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from flowship.accounts import users as doing
from flowship.cli.accounts.opened import Opened, Shown, accounts_options, read_password
from flowship.cli.terminal.command import below, group

if TYPE_CHECKING:
    from flowship.accounts.accounts import User

TTL = "A server that runs knows it within auth.cacheTtlSeconds."


def row(user: User) -> dict[str, Any]:
    """Give what is shown of a user."""
    return {
        "name": user.name,
        "admin": user.is_admin,
        "disabled": user.is_disabled,
        "roles": sorted(role.name for role in user.roles),
        "grants": sorted(f"{grant.permission} {grant.on}" for grant in user.grants),
    }


@group()
def users() -> None:
    """List and change the users of MLflow.

    On the database of values (-f), or of a running server (--server). Passwords are asked for, or read from
    standard input. In a pod, -f is not needed.
    """


@below(users, {"Who may sign in": "flowship users list -f values.yaml"}, "list")
@accounts_options
def list_(found: Opened, show: Shown) -> None:
    """List users, with their roles and what they were granted."""
    show.rows([row(user) for user in sorted(found.accounts.users(), key=lambda user: user.name)])


@below(
    users,
    {
        "Asks for the password": "flowship users add ann -f values.yaml",
        "Reads it from a file": "flowship users add ann --server https://mlflow.example.com < password.txt",
    },
)
@click.argument("name")
@click.option("--admin", is_flag=True, help="The user may do everything.")
@accounts_options
def add(found: Opened, show: Shown, name: str, admin: bool) -> None:
    """Make a user.

    Where users come from a directory or a provider, nobody is asked for a password.
    """
    if admin:
        found.require_decided_here("Who is an admin")
    password = secrets.token_urlsafe(32) if found.kept_elsewhere else read_password(f"Password of {name}")
    user = doing.add(found.accounts, name, password, is_admin=admin)
    show.done(f"made {'the admin' if admin else 'the user'} {name}", row(user))


@below(users, {"Asks for the new one": "flowship users set-password ann -f values.yaml"})
@click.argument("name")
@accounts_options
def set_password(found: Opened, show: Shown, name: str) -> None:
    """Give a user another password."""
    found.require_decided_here("A user's password")
    doing.require(found.accounts, name)
    found.accounts.set_password(name, read_password(f"New password of {name}"))
    show.done(f"{name} has another password", {"name": name})


@below(
    users,
    {
        "Ann may do everything": "flowship users admin ann -f values.yaml",
        "And no more": "flowship users admin ann --remove -f values.yaml",
    },
)
@click.argument("name")
@click.option("--remove", is_flag=True, help="Take that away.")
@accounts_options
def admin(found: Opened, show: Shown, name: str, remove: bool) -> None:
    """Make a user an admin, who may do everything."""
    found.require_decided_here("Who is an admin")
    user = doing.set_admin(found.accounts, name, is_admin=not remove)
    show.done(f"{name} is {'no admin any more' if remove else 'an admin'}", row(user))


@below(users, {"Ann has left": "flowship users disable ann -f values.yaml"})
@click.argument("name")
@accounts_options
def disable(found: Opened, show: Shown, name: str) -> None:
    """Let a user not sign in any more, by any method.

    Roles and grants stay, for `enable`.
    """
    found.require_gate()
    user = doing.disable(found.accounts, name)
    show.done(f"{name} cannot sign in any more. {TTL}", row(user))


@below(users, {"Ann is back": "flowship users enable ann -f values.yaml"})
@click.argument("name")
@accounts_options
def enable(found: Opened, show: Shown, name: str) -> None:
    """Let a user who was disabled sign in again."""
    user = doing.enable(found.accounts, name)
    show.done(f"{name} can sign in", row(user))


@below(users, {"Without a question": "flowship users delete ann --yes -f values.yaml"})
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@accounts_options
def delete(found: Opened, show: Shown, name: str, yes: bool) -> None:
    """Delete a user, with all roles and grants."""
    doing.require(found.accounts, name)
    if not yes:
        click.confirm(f"Delete the user {name}, with all roles and grants?", abort=True, err=True)
    doing.delete(found.accounts, name)
    again = (
        " Who can sign in elsewhere comes back with the next log-in: to prevent that, disable." * found.kept_elsewhere
    )
    show.done(f"deleted the user {name}.{again}", {"name": name})

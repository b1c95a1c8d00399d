"""`flowship roles`, `flowship grant` and `flowship revoke`: what users may do."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

import click

from flowship.accounts import grants
from flowship.accounts import roles as doing
from flowship.accounts.permissions import Resource, require_grantable
from flowship.accounts.permissions import permission as read_permission
from flowship.accounts.permissions import resource as read_resource
from flowship.auth.disabled import WORKSPACE
from flowship.cli.accounts import users
from flowship.cli.accounts.opened import Opened, Shown, accounts_options
from flowship.cli.terminal.command import below, command, group

if TYPE_CHECKING:
    from flowship.accounts.accounts import Role
    from flowship.cli.terminal.options import Command


def row(role: Role) -> dict[str, Any]:
    """Give what is shown of a role."""
    return {
        "name": role.name,
        "workspace": role.workspace,
        "description": role.description,
        "grants": sorted(f"{grant.permission} {grant.on}" for grant in role.grants),
    }


def workspace_option(command: Command) -> Command:
    """Add `--workspace`, where a role is."""
    return click.option(
        "--workspace",
        metavar="NAME",
        default=WORKSPACE,
        show_default=True,
        help="The workspace of the role, where the server has several.",
    )(command)


def holder_options(command: Command) -> Command:
    """Add `--user` and `--role`, of which one must be given, and where the role is. The command is given the name as
    `holder`, and `to_user`."""

    @functools.wraps(command)
    def with_holder(*, user: str | None, role: str | None, **others: object) -> None:
        holder = role if user is None else user
        if holder is None or (user is not None and role is not None):
            raise click.UsageError("Say to whom it is: --user NAME or --role NAME.")
        command(holder=holder, to_user=user is not None, **others)

    with_role = click.option("--role", metavar="NAME", help="All who have this role.")(cast("Command", with_holder))
    return workspace_option(click.option("--user", metavar="NAME", help="This user alone.")(with_role))


@group()
def roles() -> None:
    """List and change roles, which several users share.

    A role is a name for what is granted to all who have it.

    On the database of values (-f) or of a running server (--server).
    """


@below(roles, {"All roles of a running server": "flowship roles list --server https://mlflow.example.com"}, "list")
@accounts_options
def list_(found: Opened, show: Shown) -> None:
    """List roles, with what they grant and who has them."""
    people = found.accounts.users()
    known = sorted(doing.given(found.accounts), key=lambda role: (role.workspace, role.name))
    show.rows([{**row(role), "users": doing.holders(people, role)} for role in known])


@below(roles, {"A role for whoever reviews": "flowship roles add reviewers -f values.yaml"})
@click.argument("name")
@click.option("--description", metavar="TEXT", default="", help="What the role is for.")
@workspace_option
@accounts_options
def add(found: Opened, show: Shown, name: str, description: str, workspace: str) -> None:
    """Make a role."""
    role = doing.add(found.accounts, name, workspace, description)
    show.done(f"made the role {name}", row(role))


@below(roles, {"Without a question": "flowship roles delete reviewers --yes -f values.yaml"})
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@workspace_option
@accounts_options
def delete(found: Opened, show: Shown, name: str, yes: bool, workspace: str) -> None:
    """Delete a role, and so what its users may do by it."""
    role = doing.named(found.accounts, name, workspace)
    if not yes:
        who = ", ".join(doing.holders(found.accounts.users(), role)) or "nobody"
        click.confirm(f"Delete the role {name}, which {who} has?", abort=True, err=True)
    found.accounts.delete_role(role)
    show.done(f"deleted the role {name}", row(role))


@below(roles, {"Ann reviews": "flowship roles assign reviewers ann -f values.yaml"})
@click.argument("name")
@click.argument("user")
@workspace_option
@accounts_options
def assign(found: Opened, show: Shown, name: str, user: str, workspace: str) -> None:
    """Give a role to a user."""
    changed = doing.assign(found.accounts, name, workspace, user)
    show.done(f"{user} has the role {name}", users.row(changed))


@below(roles, {"Ann reviews no more": "flowship roles unassign reviewers ann -f values.yaml"})
@click.argument("name")
@click.argument("user")
@workspace_option
@accounts_options
def unassign(found: Opened, show: Shown, name: str, user: str, workspace: str) -> None:
    """Take a role away from a user."""
    changed = doing.unassign(found.accounts, name, workspace, user)
    show.done(f"{user} has not the role {name} any more", users.row(changed))


@command(
    examples={
        "One user, one experiment": "flowship grant EDIT experiment:12 --user ann -f values.yaml",
        "All who have a role, all models": "flowship grant READ 'registered_model:*' --role reviewers -f values.yaml",
    }
)
@click.argument("permission", callback=lambda context, parameter, text: read_permission(text))
@click.argument("resource", callback=lambda context, parameter, text: read_resource(text))
@holder_options
@accounts_options
def grant(
    found: Opened, show: Shown, permission: str, resource: Resource, holder: str, to_user: bool, workspace: str
) -> None:
    """Let a user or a role do something on a resource.

    PERMISSION is READ, USE, EDIT, MANAGE or DENY. RESOURCE is a type and a name, such as experiment:12 or
    registered_model:churn, or a type and * for all of the type. What was granted on it before is replaced. DENY
    wins over what other grants permit.
    """
    require_grantable(permission, resource, to_user=to_user)
    if to_user:
        user = grants.to_user(found.accounts, holder, permission, resource)
        show.done(f"{holder} has {permission} on {resource}", users.row(user))
    else:
        role = grants.to_role(found.accounts, holder, workspace, permission, resource)
        show.done(f"who has the role {holder} has {permission} on {resource}", row(role))


@command(
    examples={
        "What was granted to one user on one experiment": "flowship revoke experiment:12 --user ann -f values.yaml"
    }
)
@click.argument("resource", callback=lambda context, parameter, text: read_resource(text))
@holder_options
@accounts_options
def revoke(found: Opened, show: Shown, resource: Resource, holder: str, to_user: bool, workspace: str) -> None:
    """Take away what was granted on a resource."""
    if to_user:
        user = grants.from_user(found.accounts, holder, resource)
        show.done(f"{holder} is granted nothing on {resource} any more", users.row(user))
    else:
        role = grants.from_role(found.accounts, holder, workspace, resource)
        show.done(f"the role {holder} grants nothing on {resource} any more", row(role))

"""`flowship make-passwords`: what the chart's Job runs for a bundled database whose passwords nobody gave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import tell
from flowship.kubernetes.api import Api
from flowship.kubernetes.passwords import Wanted, make_missing

if TYPE_CHECKING:
    from collections.abc import Sequence


@command(
    examples={
        "As the chart's Job does": "flowship make-passwords --release mlflow --password mlflow-postgresql/password"
    }
)
@click.option(
    "--password", "passwords", required=True, multiple=True, metavar="SECRET/KEY",
    help="A key of a Secret that must hold a password; may be repeated.",
)  # fmt: skip
@click.option("--release", required=True, help="Helm's release whose Secrets they are.")
def make_passwords(passwords: Sequence[str], release: str) -> None:
    """Make the passwords that Secrets of Kubernetes lack.

    Runs in a pod, in whose namespace the Secrets are. What they hold already stays as it is, and no password is
    printed.
    """
    api = Api.of_this_pod(os.environ)
    for wanted in in_secrets(passwords, release):
        made = make_missing(api, wanted)
        for key in wanted.keys:
            tell(f"{key} of {wanted.name} {'was made' if key in made else 'is there already'}")


def in_secrets(passwords: Sequence[str], release: str) -> list[Wanted]:
    """What each Secret must hold, by the Secret's and the key's names with a slash between."""
    keys: dict[str, list[str]] = {}
    for each in passwords:
        name, slash, key = each.partition("/")
        if not (name and slash and key):
            raise click.BadParameter(f"{each!r} is not SECRET/KEY", param_hint="--password")
        keys.setdefault(name, []).append(key)
    return [Wanted(name, tuple(found), release) for name, found in keys.items()]

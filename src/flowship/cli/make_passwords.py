"""`flowship make-passwords`: what the chart's Job runs for a bundled database whose passwords nobody gave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowship.cli.options import progress
from flowship.kubernetes.api import Api
from flowship.kubernetes.passwords import Wanted, make_missing

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.option("--secret", required=True, help="Name of the Secret.")
@click.option("--key", "keys", required=True, multiple=True, help="A key that must hold a password; may be repeated.")
@click.option("--release", required=True, help="Helm's release whose Secret it is.")
def make_passwords(secret: str, keys: Sequence[str], release: str) -> None:
    """Make the passwords that a Secret of Kubernetes lacks.

    Runs in a pod, in whose namespace the Secret is. What it holds already stays as it is, and no password is printed.
    """
    made = make_missing(Api.of_this_pod(os.environ), Wanted(secret, keys, release))
    for key in keys:
        progress(f"{key} was made" if key in made else f"{key} is there already")

"""The command `flowship`, run in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from flowship.cli.app import flowship

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.testing import Result


def run(*arguments: str, environ: Mapping[str, str | None] | None = None, stdin: str | None = None) -> Result:
    """Run it to its end; `environ` is beside the environment of the tests. What no command expects is raised."""
    return CliRunner().invoke(
        flowship, arguments, input=stdin, env=environ, prog_name="flowship", catch_exceptions=False
    )

"""`flowship completion`: the script that a shell reads to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from flowship.cli.terminal.command import command
from flowship.cli.terminal.types import Choice


@command(
    examples={
        "bash": "flowship completion bash > ~/.local/share/bash-completion/completions/flowship",
        "zsh": "flowship completion zsh > ~/.zfunc/_flowship",
        "fish": "flowship completion fish > ~/.config/fish/completions/flowship.fish",
    }
)
@click.argument("shell", type=Choice("bash", "zsh", "fish"))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    It completes commands, options, and the keys of --set.
    """
    kind = get_completion_class(shell)
    assert kind is not None  # the choices above are click's own
    root = context.find_root()
    click.echo(kind(root.command, {}, "flowship", "_FLOWSHIP_COMPLETE").source())

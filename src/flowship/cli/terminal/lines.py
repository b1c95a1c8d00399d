"""The lines that commands print: what was done goes to standard output, what goes on and what is wrong to standard
error."""

from __future__ import annotations

import json

import click


def good() -> str:
    """Give the mark of what was done, or is right."""
    return click.style("✓", fg="green")


def bad() -> str:
    """Give the mark of what is wrong."""
    return click.style("✗", fg="red")


def noted() -> str:
    """Give the mark of what is neither."""
    return click.style("•", fg="cyan")


def done(sentence: str) -> None:
    """Print that something was done, or is right."""
    click.echo(f"{good()} {sentence}")


def tell(sentence: str) -> None:
    """Print a step that was done or a cause of waiting."""
    click.echo(f"{noted()} {sentence}", err=True)


def wrong(sentence: str) -> None:
    """Print what is wrong, and what mends it."""
    click.echo(f"{bad()} {sentence}", err=True)


def as_json(found: object) -> None:
    """Print a result for a program."""
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))

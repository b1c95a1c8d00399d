"""The types of options, with refusals that say what to write."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowship.near import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


class Whole(click.ParamType[int]):
    """A whole number from `least` to `most`; `name` is what the help calls it."""

    def __init__(self, name: str, least: int, most: int | None = None) -> None:
        self.name, self.least, self.most = name, least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = self.least - 1
        if number < self.least or (self.most is not None and number > self.most):
            between = f"{self.least} or more" if self.most is None else f"from {self.least} to {self.most}"
            self.fail(f"must be a whole number, {between}, not {value!r}.", param, ctx)
        return number


class Seconds(click.ParamType[float]):
    """A length of time."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not number >= 0:
            self.fail(f"must be a number of seconds, 0 or more, not {value!r}.", param, ctx)
        return number


class Choice(click.Choice[str]):
    """One of a few words."""

    def __init__(self, *choices: str) -> None:
        super().__init__(choices)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            self.fail(f"must be {_either(self.choices)}, not {value!r}.{did_you_mean(value, self.choices)}", param, ctx)
        return str(value)


def _either(choices: Sequence[str]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last


PATH = click.Path(path_type=Path)
PORT = Whole("port", 1, 65535)
SECONDS = Seconds()

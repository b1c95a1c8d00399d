"""The command that installs an extra where this Flowship runs: by names that a registry has, which Flowship's is not.

It is the same from a clone, a wheel or an installed tool: the libraries go beside the Python that runs this. The image
has all extras.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys


def command(extra: str) -> str:
    """Give the command, for a shell."""
    pip = importlib.util.find_spec("pip")  # a tool that uv has installed has none
    program = [sys.executable, "-m", "pip", "install"] if pip else ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*program, *libraries(extra)])


def libraries(extra: str) -> list[str]:
    """Give what an extra consists of, as its package says."""
    from importlib.metadata import PackageNotFoundError, requires  # half of the time that `flowship --help` would take

    try:
        found = requires("flowship") or []
    except PackageNotFoundError:  # it runs from its source alone
        return [f"flowship[{extra}]"]
    pairs = [each.partition(";")[::2] for each in found]
    return [name.strip() for name, when in pairs if when.strip().replace("'", '"') == f'extra == "{extra}"']

"""What is changed on a database from the terminal, for the audit log: on standard error, since no server is asked that
could write it into its own.

A table would be no better kept: whoever can change users on the database can change the table too.
"""

from __future__ import annotations

import getpass
import os
import platform
from typing import TYPE_CHECKING, Any

from flowship.server.reporting import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.root import Values


def follow(values: Values) -> None:
    """Write lines as the server of these values does, or none."""
    audit.configure(wanted=values.server.auditLog)


def changed(what: str, outcome: str, about: Mapping[str, Any]) -> None:
    """Write down a change, in the words of MLflow's API, and who has made it here: nobody of MLflow's users."""
    audit.record("terminal", outcome, user=None, client="-", by=_person(), what=what, about=dict(about))


def _person() -> str:
    """Name who runs this command: the user and the machine, as it knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = f"uid {os.getuid()}"
    return f"{name} at {platform.node()}"

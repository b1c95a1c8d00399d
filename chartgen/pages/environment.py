"""The part of docs/reference/environment.md that is made: the variables that stand for keys."""

from __future__ import annotations

from chartgen.pages.markdown import anchor, table
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS
from flowship.values.model.variables import VARIABLES


def variables_table() -> str:
    """The table of variables, with the key of each, and the Secret that the chart makes it from."""
    secrets = {name: secret.key for secret in EXISTING_SECRETS for name in secret.variables}
    rows = [
        (
            f"`{each.name}`",
            f"[`{each.key}`](keys.md#{anchor(each.key)})",
            f"`{secrets[each.name]}`" if each.name in secrets else "",
        )
        for each in VARIABLES
    ]
    return table(("variable", "stands for", "on Kubernetes from the Secret of"), rows)

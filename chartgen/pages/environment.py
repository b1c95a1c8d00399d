"""The part of docs/reference/environment.md that is made: the variables that stand for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.pages.markdown import anchor, table
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS
from flowship.values.model.variables import BUNDLED_PASSWORDS, VARIABLES

if TYPE_CHECKING:
    from flowship.values.model.variables import Variable


def variables_table() -> str:
    """The table of variables, with the key of each, and the Secret that the chart makes it from."""
    rows = [(f"`{each.name}`", f"[`{each.key}`](keys.md#{anchor(each.key)})", _secret(each)) for each in VARIABLES]
    return table(("variable", "stands for", "on Kubernetes from the Secret of"), rows)


def _secret(variable: Variable) -> str:
    """The key that names the variable's Secret, as code; the user of a bundled server stands in no Secret."""
    if BUNDLED_PASSWORDS.get(variable.section) == variable.name:
        return f"`{variable.section}.auth.existingSecret`"
    keys = (
        secret.key
        for secret in EXISTING_SECRETS
        if variable.name in secret.variables and variable.section == secret.used_by
    )
    return next((f"`{key}`" for key in keys), "")

"""What may not be combined: each rule is data, so that `flowship check` and the chart refuse in the same words.

The sentences name keys, never what is in them: a value may be a password.
"""

from __future__ import annotations

from flowship.values.access_rules import access
from flowship.values.backup_rules import backups
from flowship.values.bundled_rules import bundled
from flowship.values.container_rules import containers
from flowship.values.encryption_rules import encryption
from flowship.values.moving import old_volumes
from flowship.values.pod_rules import pods
from flowship.values.rule import Rule
from flowship.values.secret_rules import existing_secrets
from flowship.values.server_rules import REFUSED_FLAGS, REFUSED_OPTIONS, REFUSED_VARIABLES, process
from flowship.values.store_rules import databases, object_stores

__all__ = ["REFUSED_FLAGS", "REFUSED_OPTIONS", "REFUSED_VARIABLES", "RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    *databases(),
    *bundled(),
    *object_stores(),
    *access(),
    *existing_secrets(),
    *encryption(),
    *pods(),
    *containers(),
    *backups(),
    *old_volumes(),
    *process(),
)
"""Every rule across keys, in the order in which findings are shown."""

"""What may not be combined: each rule is data, so that `flowship check` and the chart refuse in the same words.

The sentences name keys, never what is in them: a value may be a password.
"""

from __future__ import annotations

from flowship.values.rules.cluster.backup import backups
from flowship.values.rules.cluster.containers import containers
from flowship.values.rules.cluster.gc import garbage_collection
from flowship.values.rules.cluster.workload import pods
from flowship.values.rules.language.rule import Rule
from flowship.values.rules.server.access import access
from flowship.values.rules.server.oidc import single_sign_on, workloads
from flowship.values.rules.server.process import REFUSED_FLAGS, REFUSED_OPTIONS, REFUSED_VARIABLES, process
from flowship.values.rules.shapes import shapes
from flowship.values.rules.storage.bundled import bundled
from flowship.values.rules.storage.existing_secrets import existing_secrets
from flowship.values.rules.storage.moving import old_volumes
from flowship.values.rules.storage.stores import databases, object_stores

__all__ = ["REFUSED_FLAGS", "REFUSED_OPTIONS", "REFUSED_VARIABLES", "RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    *shapes(),
    *databases(),
    *bundled(),
    *object_stores(),
    *access(),
    *single_sign_on(),
    *workloads(),
    *existing_secrets(),
    *pods(),
    *containers(),
    *backups(),
    *garbage_collection(),
    *old_volumes(),
    *process(),
)
"""Every rule across keys, in the order in which findings are shown."""

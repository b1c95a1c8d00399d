"""Addresses of artifacts in rows: they change where the place changes, and nowhere else.

An address behind the server, `mlflow-artifacts:/...`, means the same on both sides. One that names the old place itself
names the new one afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.moving.rows.batches import Batch
    from flowship.moving.rows.tables import Moved

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "logged_models": ("artifact_location",),
    "model_versions": ("source", "storage_location"),
    "trace_tags": ("value",),
    "workspaces": ("default_artifact_root", "trace_archival_location"),
}
"""Columns of MLflow's tables that are, or in some rows are, addresses of artifacts."""


@dataclass(frozen=True)
class Addresses:
    """How addresses change: what begins with the first place begins with the second one."""

    old: str = ""
    """Without a slash at its end; empty where nothing changes."""
    new: str = ""

    def changed(self, address: str) -> str:
        """Give an address on the new side."""
        if self.old and address.startswith(self.old) and address[len(self.old) :][:1] in {"", "/"}:
            return self.new + address[len(self.old) :]
        return address

    def change(self, table: Moved) -> Callable[[Batch], Batch]:
        """Give what changes the addresses in a table's rows."""
        places = [table.names.index(name) for name in COLUMNS.get(table.name, ()) if name in table.names]
        if not self.old or not places:
            return lambda batch: batch

        def row(before: tuple[object, ...]) -> tuple[object, ...]:
            after = list(before)
            for place in places:
                if isinstance(value := before[place], str):
                    after[place] = self.changed(value)
            return tuple(after)

        return lambda batch: replace(batch, rows=list(map(row, batch.rows)))

    def longer(self, table: str, column: str) -> int:
        """Tell by how many characters a column's addresses grow."""
        return max(0, len(self.new) - len(self.old)) if column in COLUMNS.get(table, ()) else 0


UNCHANGED = Addresses()
"""What is said of addresses where artifacts stay where they are."""

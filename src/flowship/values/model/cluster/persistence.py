"""The claim that keeps what is in the data directory: SQLite files, and artifacts without an object store."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flowship.values.model.fields.section import Section
from flowship.values.model.fields.texts import ObjectName


class Persistence(Section):
    """The claim of the data directory. It is made when SQLite or artifacts without an object store need one, and kept
    when the release is uninstalled."""

    size: str = "10Gi"
    """Size of the claim."""
    storageClass: str = ""
    """Storage class of the claim; the cluster's default when empty, none when `-`."""
    accessMode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    """Access mode of the claim, also of an existing one. Several replicas without an object store need
    ReadWriteMany."""
    existingClaim: ObjectName = ""
    """Name of a claim of your own to use instead."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the claim."""

"""Moving a release of chart 0.16.5 to this chart: what it may leave behind."""

from __future__ import annotations

from flowship.values.model.fields.section import Section


class Moving(Section):
    """An upgrade of a release of chart 0.16.5."""

    acceptLoss: bool = False
    """Go on although the old pod keeps artifacts or users in its container's own files, which end with it, or although
    Bitnami's database ends, and a new one begins empty. Refused without this, with what saves or moves them."""

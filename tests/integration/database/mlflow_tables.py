"""MLflow's tables in an empty database, without its migrations, which take seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import MetaData

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, Table


def make_tables(engine: Engine, tables: Iterable[Table]) -> None:
    """Make these tables, each of their constraints once: MLflow's migrations, each time that they ran in this process,
    have given its tables constraints of the same names again."""
    metadata = MetaData()
    for table in tables:
        copy = table.to_metadata(metadata)
        named = {constraint.name: constraint for constraint in copy.constraints if constraint.name}
        copy.constraints = {each for each in copy.constraints if not each.name} | set(named.values())
    metadata.create_all(engine)

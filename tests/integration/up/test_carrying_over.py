"""What the real MLflow 2.22.0 left behind, under Flowship: on each kind of database, every item still readable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import running
from tests.integration.legacy.data import Kind, LegacyCopy, LegacyData
from tests.integration.legacy.verify import differences

if TYPE_CHECKING:
    from collections.abc import Callable


COPIED: dict[Kind, set[str]] = {
    "sqlite": {"mlflow.db", "basic_auth.db"},
    "postgres": set(),
    "mariadb": {"basic_auth.db"},
}
"""SQLite files of which the old state is kept."""


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "mariadb"])
def test_everything_that_mlflow_2_22_wrote_is_readable(
    kind: Kind, legacy: Callable[[Kind], LegacyData], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    old = legacy(kind).copy_to(data)

    with running(_values(old), data=_adopted(old, data)) as flowship:
        found = differences(old.manifest, flowship.address, old.users)

    assert found == []
    assert {path.name.split(".before-")[0] for path in data.glob("*.before-*")} == COPIED[kind]


def _adopted(old: LegacyCopy, data: Path) -> Path:
    """Give SQLite files the names that Flowship keeps them under; chart 0.16.5 had none of its own."""
    if isinstance(old.database, Path):
        old.database.rename(data / "mlflow.db")
    if isinstance(old.auth_database, Path):
        old.auth_database.rename(data / "basic_auth.db")
    return data


def _values(old: LegacyCopy) -> dict[str, Any]:
    auth: dict[str, Any] = {
        "enabled": True,
        "adminUsername": old.admin,
        "adminPassword": old.users[old.admin],
        "defaultPermission": old.default_permission,
    }
    if not isinstance(old.auth_database, Path):
        auth["postgres"] = old.auth_database.section()
    values: dict[str, Any] = {"auth": auth}
    if not isinstance(old.database, Path):
        values["backendStore"] = {"postgres" if old.kind == "postgres" else "mysql": old.database.section()}
    return values

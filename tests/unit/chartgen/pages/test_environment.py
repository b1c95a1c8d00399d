"""The table of variables names the Secret that each is read from, of the section that it is read for."""

from __future__ import annotations

import pytest

from chartgen.pages.environment import variables_table
from flowship.values.model.keys import all_keys

ROWS = {
    cells[1].partition("]")[0].strip("[`"): (cells[0].strip("`"), cells[2].strip("`"))
    for cells in (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in variables_table().splitlines() if "keys.md" in line
    )
}
"""The variable and the Secret of each key."""


@pytest.mark.parametrize(
    ("key", "variable", "secret"),
    [
        ("backendStore.postgres.user", "PGUSER", "backendStore.existingDatabaseSecret"),
        ("backendStore.mysql.password", "MYSQL_PWD", "backendStore.existingDatabaseSecret"),
        ("postgresql.auth.username", "PGUSER", ""),
        ("postgresql.auth.password", "PGPASSWORD", "postgresql.auth.existingSecret"),
        ("mysql.auth.username", "MYSQL_USERNAME", ""),
        ("mysql.auth.password", "MYSQL_PWD", "mysql.auth.existingSecret"),
        ("flaskServerSecretKey", "MLFLOW_FLASK_SERVER_SECRET_KEY", "existingFlaskSecret"),
        ("backendStore.postgres.host", "PGHOST", ""),
    ],
)
def test_a_variable_comes_from_the_secret_of_its_own_section(key: str, variable: str, secret: str) -> None:
    assert ROWS[key] == (variable, secret)


def test_every_secret_is_named_by_a_key() -> None:
    assert {secret for _, secret in ROWS.values()} - {""} <= set(all_keys())

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official

PASSWORD: dict[str, Any] = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "pass"}}}


def test_a_uri_becomes_the_parts_of_postgres_with_a_password_of_any_characters(official: Official) -> None:
    result = official(
        mlflow={"backendStoreUri": "postgresql+psycopg2://ann:p%40ss%2Fw%3Ard@db.example.com:6432/runs"},
    )

    assert result.complete
    assert result.values == {
        "backendStore": {
            "postgres": {
                "enabled": True,
                "host": "db.example.com",
                "port": 6432,
                "database": "runs",
                "driver": "psycopg2",
                "user": "ann",
                "password": "p@ss/w:rd",
            }
        }
    }


@pytest.mark.parametrize("scheme", ["mysql", "mysql+pymysql", "mariadb+pymysql"])
def test_a_uri_becomes_the_parts_of_mysql(official: Official, scheme: str) -> None:
    result = official(mlflow={"backendStoreUri": f"{scheme}://ann:secret-word@db/runs?ssl_ca=/ca.crt"})

    mysql = result.values["backendStore"]["mysql"]
    assert result.complete
    assert {**mysql, "driver": "pymysql"} == {
        "enabled": True,
        "host": "db",
        "database": "runs",
        "driver": "pymysql",
        "user": "ann",
        "password": "secret-word",
    }
    assert result.values["extraEnvVars"] == {"MLFLOW_MYSQL_SSL_CA": "/ca.crt"}


def test_options_of_the_uri_become_variables_of_the_driver(official: Official) -> None:
    result = official(mlflow={"backendStoreUri": "postgresql://a:b@db/runs?sslmode=require&sslrootcert=/ca.crt"})

    assert result.complete
    assert result.values["extraEnvVars"] == {"PGSSLMODE": "require", "PGSSLROOTCERT": "/ca.crt"}


def test_an_option_that_nothing_stands_for_is_said_by_name_only(official: Official) -> None:
    result = official(mlflow={"backendStoreUri": "postgresql://a:b@db/runs?gssencmode=secret&x%20y=z"})

    assert [note.sentence for note in result.left_out] == [
        "has an option for the driver that no key stands for, `gssencmode`. Do without it.",
        "has an option for the driver that no key stands for, `...`. Do without it.",
    ]


def test_another_driver_is_replaced_and_said(official: Official) -> None:
    result = official(mlflow={"backendStoreUri": "postgresql+asyncpg://a:b@db/runs"})

    assert result.complete
    assert "driver" not in result.values["backendStore"]["postgres"]
    assert [note.sentence for note in result.remarks] == [
        "names a driver that Flowship does not have; psycopg2 takes its place."
    ]


def test_user_and_password_from_one_secret_name_that_secret(official: Official) -> None:
    user = {"name": "DB_USER", "valueFrom": {"secretKeyRef": {"name": "database", "key": "user"}}}

    result = official(
        mlflow={"backendStoreUri": "postgresql://$(DB_USER):$(DB_PASSWORD)@db/runs"}, env=[user, PASSWORD]
    )

    assert result.complete
    assert result.values["backendStore"] == {
        "postgres": {"enabled": True, "host": "db", "database": "runs"},
        "existingDatabaseSecret": {"name": "database", "usernameKey": "user", "passwordKey": "pass"},
    }
    assert [note.sentence for note in result.remarks] == [
        "takes user and password from a Secret, which is named now; %-escapes in it must go."
    ]


@pytest.mark.parametrize(("scheme", "variable"), [("postgresql", "PGPASSWORD"), ("mysql", "MYSQL_PWD")])
def test_a_password_from_a_variable_becomes_the_one_that_flowship_reads(
    official: Official, scheme: str, variable: str
) -> None:
    result = official(mlflow={"backendStoreUri": f"{scheme}://ann:$(DB_PASSWORD)@db/runs"}, env=[PASSWORD])

    assert result.complete
    assert result.values["extraEnvVars"][variable] == {"valueFrom": PASSWORD["valueFrom"]}
    assert [note.sentence for note in result.remarks] == [
        f"takes the password from a variable, which is now {variable}; %-escapes in it must go."
    ]


def test_a_variable_whose_text_is_known_is_written_out(official: Official) -> None:
    result = official(
        mlflow={"backendStoreUri": "postgresql://a:$(WORD)@$(HOST)/runs"},
        env=[{"name": "WORD", "value": "p%40ss"}, {"name": "HOST", "value": "db"}],
    )

    assert result.complete
    assert result.values["backendStore"]["postgres"]["password"] == "p@ss"
    assert result.values["backendStore"]["postgres"]["host"] == "db"


def test_a_variable_that_the_file_does_not_give_is_asked_for(official: Official) -> None:
    result = official(
        mlflow={"backendStoreUri": "postgresql://a:$(WORD)@db/$(NAME)"}, envFrom=[{"secretRef": {"name": "more"}}]
    )

    assert [note.sentence for note in result.left_out] == [
        "takes host or database from a variable. Write them in backendStore.postgres.",
        "takes the password from a variable that the file does not give. Name the Secret that holds it in "
        "backendStore.existingDatabaseSecret.name.",
    ]


@pytest.mark.parametrize(
    "uri", ["mssql+pyodbc://a:secret@db/runs", "postgresql://a:secret@db:port/runs", "postgresql:///runs", "secret", 5]
)
def test_what_is_no_server_of_flowship_is_left_out_without_its_text(official: Official, uri: object) -> None:
    result = official(mlflow={"backendStoreUri": uri})

    assert result.values == {}
    assert [note.sentence for note in result.left_out] == [
        "is not the URI of a PostgreSQL, MySQL or MariaDB server. Write its parts in backendStore.postgres or "
        "backendStore.mysql."
    ]


def test_a_sqlite_file_must_be_copied_and_one_in_memory_not(official: Official) -> None:
    file = official(mlflow={"backendStoreUri": "sqlite:////mlflow/mlflow.db"})
    memory = official(mlflow={"backendStoreUri": "sqlite://"})

    assert "Copy it there before the first start." in file.left_out[0].sentence
    assert (memory.complete, memory.values) == (True, {})


@pytest.mark.parametrize("source", ["secretKeyRef", "configMapKeyRef"])
def test_a_uri_in_a_secret_is_asked_for_in_parts(official: Official, source: str) -> None:
    result = official(mlflow={"backendStoreUriFrom": {source: {"name": "database", "key": "uri"}}})

    assert [note.key for note in result.left_out] == ["mlflow.backendStoreUriFrom"]
    assert "backendStore.existingDatabaseSecret.name" in result.left_out[0].sentence


def test_models_beside_the_runs_need_nothing_and_elsewhere_must_be_copied(official: Official) -> None:
    runs, models = "postgresql://a:b@db/runs", "postgresql://a:b@db/models"
    source = {"secretKeyRef": {"name": "database", "key": "uri"}}

    assert official(mlflow={"backendStoreUri": runs, "registryStoreUri": runs}).complete
    left_out = official(mlflow={"backendStoreUri": runs, "registryStoreUri": models}).left_out
    assert [note.key for note in left_out] == ["mlflow.registryStoreUri"]
    both = official(mlflow={"backendStoreUriFrom": source, "registryStoreUriFrom": source}).left_out
    assert [note.key for note in both] == ["mlflow.backendStoreUriFrom"]

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from flowship.artifacts.change import Experiments, Roots, roots
from flowship.artifacts.location import artifact_location
from flowship.server.options import Place, ServerSettings, applied, kebab, server_settings, static_prefix
from flowship.values.root import Values

DATA = Path("/data")
TRACKING = URL.create("postgresql+psycopg2", "user", "p@ss:/%", "db", 5432, "mlflow")
AUTH = {"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse battery"}
S3 = {"enabled": True, "bucket": "b", "path": "/team/", "awsAccessKeyId": "id", "awsSecretAccessKey": "secret"}


def settings(data: dict[str, Any], auth_config: Path | None = None, **lists: list[str]) -> ServerSettings:
    place = Place("127.0.0.1", 5000, DATA, auth_config)
    values = Values.model_validate(data)
    found = roots(artifact_location(values, DATA), None, Experiments())
    return server_settings(values, place, TRACKING, "flask key", found, **lists)


def test_without_an_object_store_artifacts_go_through_the_server_into_the_data_directory() -> None:
    assert settings({}).arguments == (
        "--host=127.0.0.1",
        "--port=5000",
        "--artifacts-destination=file:///data/artifacts",
        "--serve-artifacts",
    )


def test_direct_artifacts_are_not_served_as_well() -> None:
    assert settings({"artifactRoot": {"s3": S3}}).arguments[2:] == (
        "--default-artifact-root=s3://b/team",
        "--no-serve-artifacts",
    )


def test_proxied_artifacts_are_served_from_the_store() -> None:
    assert settings({"artifactRoot": {"s3": S3, "proxiedArtifactStorage": True}}).arguments[2:] == (
        "--artifacts-destination=s3://b/team",
        "--serve-artifacts",
    )


def test_old_artifacts_stay_behind_the_server_when_new_ones_are_direct() -> None:
    place = Place("127.0.0.1", 5000, DATA)
    found = server_settings(Values(), place, TRACKING, "key", Roots("file:///old", "s3://new"))

    assert found.arguments[2:] == (
        "--default-artifact-root=s3://new",
        "--artifacts-destination=file:///old",
        "--serve-artifacts",
    )


def test_no_secret_is_an_argument() -> None:
    found = settings({"artifactRoot": {"s3": S3}, "auth": AUTH}, Path("/data/auth/basic_auth.ini"))

    text = " ".join(found.arguments)
    assert not any(secret in text for secret in ("p@ss", "p%40ss", "secret", "flask key", "correct horse"))


def test_the_database_and_the_keys_are_variables() -> None:
    environment = settings({"artifactRoot": {"s3": S3}}).environment

    assert environment["MLFLOW_BACKEND_STORE_URI"] == "postgresql+psycopg2://user:p%40ss%3A%2F%25@db:5432/mlflow"
    assert environment["MLFLOW_FLASK_SERVER_SECRET_KEY"] == "flask key"
    assert environment["AWS_ACCESS_KEY_ID"] == "id"
    assert environment["AWS_SECRET_ACCESS_KEY"] == "secret"


def test_stray_variables_of_the_caller_do_not_reach_the_server() -> None:
    stray = {
        "MLFLOW_TRACKING_URI": "http://elsewhere",
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": "/elsewhere",
        "AWS_SESSION_TOKEN": "old",
        "AWS_PROFILE": "other",
        "HOME": "/home/me",
    }

    environ = applied(stray, settings({"artifactRoot": {"s3": S3}}).environment)

    assert environ.keys() & stray.keys() == {"HOME"}


def test_a_variable_of_the_values_is_not_stray() -> None:
    environ = applied({}, settings({"artifactRoot": {"s3": S3}, "extraEnvVars": {"aws_profile": "mine"}}).environment)

    assert environ["AWS_PROFILE"] == "mine"
    assert environ["aws_profile"] == "mine"


def test_filters_of_pythons_warnings_are_kept() -> None:
    found = settings({"extraEnvVars": {"PYTHONWARNINGS": "default"}}).environment["PYTHONWARNINGS"]

    assert found == "ignore:starlette.middleware.wsgi is deprecated,default"


def test_telemetry_is_off_unless_asked_for() -> None:
    off = settings({}).environment
    on = settings({"telemetry": {"enabled": True}}).environment

    assert (off["MLFLOW_DISABLE_TELEMETRY"], off["DO_NOT_TRACK"]) == ("true", "true")
    assert "MLFLOW_DISABLE_TELEMETRY" not in on
    assert "DO_NOT_TRACK" not in on


def test_options_and_flags_are_spelt_as_mlflow_does() -> None:
    found = settings(
        {
            "extraArgs": {"workers": 4, "staticPrefix": "/mlflow", "secretsCacheTtl": "30"},
            "extraFlags": ["enableWorkspaces"],
        }
    )

    assert found.arguments[4:] == (
        "--secrets-cache-ttl=30",
        "--static-prefix=/mlflow",
        "--workers=4",
        "--enable-workspaces",
    )


@pytest.mark.parametrize(
    ("camel", "kebabbed"),
    [("workers", "workers"), ("uvicornOpts", "uvicorn-opts"), ("xFrameOptions", "x-frame-options")],
)
def test_camel_case_becomes_kebab_case(camel: str, kebabbed: str) -> None:
    assert kebab(camel) == kebabbed


def test_the_authentication_app_is_named_and_finds_its_file() -> None:
    found = settings({"auth": AUTH}, Path("/data/auth/basic_auth.ini"))

    assert "--app-name=basic-auth" in found.arguments
    assert found.environment["MLFLOW_AUTH_CONFIG_PATH"] == "/data/auth/basic_auth.ini"
    assert found.environment["MLFLOW_AUTH_ADMIN_USERNAME"] == "admin"


def test_mlflows_own_app_is_not_given_the_admins_password_which_it_does_not_need() -> None:
    assert settings({"auth": AUTH}, Path("/f")).environment["MLFLOW_AUTH_ADMIN_PASSWORD"] is None


def test_another_app_is_given_the_admins_password() -> None:
    found = settings({"auth": {**AUTH, "appName": "my-app"}}, Path("/f"))

    assert "--app-name=my-app" in found.arguments
    assert found.environment["MLFLOW_AUTH_ADMIN_PASSWORD"] == "correct horse battery"


def test_lists_of_hosts_and_origins_are_variables() -> None:
    environment = settings({}, hosts=["localhost", "a"], origins=["https://a"]).environment

    assert environment["MLFLOW_SERVER_ALLOWED_HOSTS"] == "localhost,a"
    assert environment["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"] == "https://a"


def test_without_lists_mlflows_own_stay() -> None:
    environment = settings({}).environment

    assert "MLFLOW_SERVER_ALLOWED_HOSTS" not in environment
    assert "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS" not in environment


def test_the_static_prefix_is_empty_unless_given() -> None:
    assert static_prefix(Values()) == ""
    assert static_prefix(Values.model_validate({"extraArgs": {"staticPrefix": "/mlflow"}})) == "/mlflow"

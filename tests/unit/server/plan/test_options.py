from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from flowship.artifacts.change import Experiments, Roots, roots
from flowship.artifacts.location import artifact_location
from flowship.auth.methods.chosen import chosen
from flowship.auth.methods.ldap.settings import directory_settings
from flowship.auth.methods.ldap.sign_in import LdapSignIn
from flowship.database.own_tables.encryption import Keys
from flowship.mlflow_seams.server.app import Env
from flowship.server.new_program import COMMAND
from flowship.server.plan.options import (
    ServerPlace,
    ServerSettings,
    applied,
    environment_from_databases,
    server_settings,
    static_prefix,
)
from flowship.server.plan.settings import ProcessSettings
from flowship.values.model.root import Values
from tests.databases import databases_at

DATA = Path("/data")
KEYS = Keys("for webhooks", "for the gateway")
TRACKING = URL.create("postgresql+psycopg2", "user", "p@ss:/%", "db", 5432, "mlflow")
AUTH = {"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse battery"}
S3 = {"enabled": True, "bucket": "b", "path": "/team/", "awsAccessKeyId": "id", "awsSecretAccessKey": "secret"}


def settings(data: dict[str, Any], auth_config: Path | None = None, **more: Any) -> ServerSettings:
    place = ServerPlace("127.0.0.1", 5000, DATA, auth_config)
    values = Values.model_validate(data)
    return server_settings(values, place, databases_at(TRACKING), chosen(values, {}), **more)


def artifacts(data: dict[str, Any]) -> dict[str, str | None]:
    return told_of(roots(artifact_location(Values.model_validate(data), DATA), None, Experiments()))


def told_of(found: Roots) -> dict[str, str | None]:
    names = (Env.ARTIFACT_ROOT, Env.ARTIFACTS_DESTINATION, Env.SERVE_ARTIFACTS)
    return {name: environment_from_databases("key", found, KEYS)[name] for name in names}


def test_without_an_object_store_artifacts_go_through_the_server_into_the_data_directory() -> None:
    assert artifacts({}) == {
        Env.ARTIFACT_ROOT: "mlflow-artifacts:/",
        Env.ARTIFACTS_DESTINATION: "file:///data/artifacts",
        Env.SERVE_ARTIFACTS: "true",
    }


def test_direct_artifacts_are_not_served_as_well() -> None:
    assert artifacts({"artifactRoot": {"s3": S3}}) == {
        Env.ARTIFACT_ROOT: "s3://b/team",
        Env.ARTIFACTS_DESTINATION: None,
        Env.SERVE_ARTIFACTS: None,
    }


def test_proxied_artifacts_are_served_from_the_store() -> None:
    assert artifacts({"artifactRoot": {"s3": S3, "proxiedArtifactStorage": True}}) == {
        Env.ARTIFACT_ROOT: "mlflow-artifacts:/",
        Env.ARTIFACTS_DESTINATION: "s3://b/team",
        Env.SERVE_ARTIFACTS: "true",
    }


def test_old_artifacts_stay_behind_the_server_when_new_ones_are_direct() -> None:
    assert told_of(Roots("file:///old", "s3://new")) == {
        Env.ARTIFACT_ROOT: "s3://new",
        Env.ARTIFACTS_DESTINATION: "file:///old",
        Env.SERVE_ARTIFACTS: "true",
    }


def test_the_command_line_says_nothing_at_all() -> None:
    assert COMMAND[1:] == ("-P", "-m", "flowship.server")


def test_the_database_and_the_keys_are_variables() -> None:
    environment = settings({"artifactRoot": {"s3": S3}}).environment

    assert (
        environment[Env.TRACKING]
        == environment[Env.REGISTRY]
        == "postgresql+psycopg2://user:p%40ss%3A%2F%25@db:5432/mlflow?plugin=flowship"
    )
    assert environment_from_databases("key", Roots(None, "s3://b"), KEYS) == {
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "key",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "for webhooks",
        "MLFLOW_CRYPTO_KEK_PASSPHRASE": "for the gateway",
        "MLFLOW_CRYPTO_KEK_VERSION": None,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "s3://b",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": None,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": None,
    }
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


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        ("none", (None, None, None)),
        ("downloads", (None, "true", None)),
        ("uploads", ("true", None, None)),
        ("both", ("true", "true", None)),
        ("only", ("true", "true", "true")),
    ],
)
def test_mlflow_is_told_what_its_clients_may_do_past_the_server(allowed: str, told: tuple[str | None, ...]) -> None:
    root = {"proxiedArtifactStorage": True, "s3": {"enabled": True, "bucket": "b"}, "directTransfer": allowed}
    environment = settings({"artifactRoot": root}).environment

    variables = [f"MLFLOW_{name}" for name in ("ENABLE_PROXY_MULTIPART_UPLOAD", "ENABLE_PROXY_MULTIPART_DOWNLOAD")]
    assert tuple(environment[name] for name in (*variables, "MLFLOW_ARTIFACTS_PRESIGNED_ONLY")) == told


def test_each_option_of_mlflow_server_is_honoured() -> None:
    found = settings(
        {
            "extraArgs": {
                "workers": "2",
                "staticPrefix": "/mlflow",
                "secretsCacheTtl": "30",
                "secretsCacheMaxSize": 7,
                "traceArchivalConfig": "/etc/archive.yaml",
                "xFrameOptions": "DENY",
                "uvicornOpts": "--timeout-keep-alive 7 --log-level debug",
            },
            "extraFlags": ["enableWorkspaces", "disableSecurityMiddleware"],
        }
    )

    assert found.process.workers == 2
    assert found.process.static_prefix == found.environment[Env.STATIC_PREFIX] == "/mlflow"
    assert found.process.trace_archival == Path("/etc/archive.yaml")
    assert (found.process.uvicorn, found.process.log_level) == ({"timeout_keep_alive": 7}, "debug")
    assert found.environment[Env.SECRETS_CACHE_TTL] == "30"
    assert found.environment[Env.SECRETS_CACHE_SIZE] == "7"
    assert found.environment["MLFLOW_TRACE_ARCHIVAL_CONFIG"] == "/etc/archive.yaml"
    assert found.environment["MLFLOW_SERVER_X_FRAME_OPTIONS"] == "DENY"
    assert found.environment["MLFLOW_ENABLE_WORKSPACES"] == "true"
    assert found.environment["MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE"] == "true"


def test_workspaces_are_off_unless_a_flag_or_a_variable_asks_for_them() -> None:
    variable = {"MLFLOW_ENABLE_WORKSPACES": "true"}

    assert settings({}).environment["MLFLOW_ENABLE_WORKSPACES"] is None
    assert settings({"extraEnvVars": variable}).environment["MLFLOW_ENABLE_WORKSPACES"] == "true"
    refused = settings({"extraEnvVars": variable, "extraFlags": ["disableWorkspaces"]})
    assert refused.environment["MLFLOW_ENABLE_WORKSPACES"] == "false"


def test_a_read_replica_reaches_mlflow_by_the_variable_that_its_app_reads() -> None:
    assert settings({}, read_replica="postgresql://replica").environment[Env.READ_REPLICA] == "postgresql://replica"
    assert settings({}).environment[Env.READ_REPLICA] is None


def test_the_keys_of_server_reach_the_process() -> None:
    server = {
        "drainDelaySeconds": 1,
        "shutdownTimeoutSeconds": 2,
        "maxRequestsPerWorker": 3,
        "logFormat": "json",
        "maxBodyMiB": 5,
        "hotApi": False,
    }

    found = settings({"server": server}).process

    assert (found.drain_delay, found.shutdown_timeout, found.max_requests, found.log_format) == (1, 2, 3, "json")
    assert found.max_body == 5 * 1024 * 1024
    assert not found.hot_api
    assert settings({}).process.hot_api


def test_the_process_reads_what_was_decided_from_json() -> None:
    found = settings({"auth": AUTH, "server": {"logFormat": "json"}}, Path("/f")).process

    assert ProcessSettings.model_validate_json(found.model_dump_json()) == found


def test_the_passwords_of_databases_are_not_shown_with_the_settings() -> None:
    assert "p%40ss" not in repr(settings({}).process)


@pytest.mark.parametrize(
    ("auth", "method", "gated"),
    [
        ({}, "none", False),
        (AUTH, "basic", True),
        ({**AUTH, "authorizationFunction": "mine:authenticate"}, "function", False),
        ({**AUTH, "appName": "my-app"}, "app", False),
    ],
)
def test_flowship_authenticates_in_front_of_mlflows_own_users_only(
    auth: dict[str, Any], method: str, gated: bool
) -> None:
    found = settings({"auth": auth}, Path("/f")).process.sign_in

    assert (found.method, found.gated) == (method, gated)


def test_with_ldap_the_gate_asks_the_directory_and_mlflow_makes_no_admin() -> None:
    ldap = {"enabled": True, "uri": "ldap://a", "lookupBind": "uid=%s", "cacheTtlSeconds": 7}
    values = {"ldapAuth": ldap, "trustedProxies": ["10.0.0.0/8"]}
    directory = directory_settings(Values.model_validate(values), {})

    found = settings(values, Path("/f"))
    sign_in = found.process.sign_in

    assert (sign_in.app, sign_in.method, sign_in.gated) == ("basic-auth", "ldap", True)
    assert isinstance(sign_in, LdapSignIn)
    assert (sign_in.directory, sign_in.cache_ttl) == (directory, 7)
    assert found.process.trusted_proxies == ("10.0.0.0/8",)
    assert found.environment[Env.ADMIN_MADE] == "true"
    assert found.environment["MLFLOW_AUTH_CONFIG_PATH"] == "/f"
    assert found.environment.get("MLFLOW_AUTH_ADMIN_USERNAME") is None
    assert "MLFLOW_AUTH_ADMIN_PASSWORD" not in applied({}, found.environment)


def test_the_authentication_app_is_named_and_finds_its_file() -> None:
    found = settings({"auth": AUTH}, Path("/data/auth/basic_auth.ini"))

    assert found.process.sign_in.app == "basic-auth"
    assert found.environment["MLFLOW_AUTH_CONFIG_PATH"] == "/data/auth/basic_auth.ini"
    assert found.environment["MLFLOW_AUTH_ADMIN_USERNAME"] == "admin"
    assert found.environment[Env.ADMIN_MADE] == "true"


def test_mlflows_own_app_is_not_given_the_admins_password_which_it_does_not_need() -> None:
    assert "MLFLOW_AUTH_ADMIN_PASSWORD" not in applied(
        {"MLFLOW_AUTH_ADMIN_PASSWORD": "stray"}, settings({"auth": AUTH}, Path("/f")).environment
    )


def test_another_app_is_given_the_admins_password() -> None:
    found = settings({"auth": {**AUTH, "appName": "my-app"}}, Path("/f"))

    assert found.process.sign_in.app == "my-app"
    assert Env.ADMIN_MADE not in found.environment
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

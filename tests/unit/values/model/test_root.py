from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import ValidationError

from flowship.values.model.fields.section import Section
from flowship.values.model.keys import all_keys, is_section, secret_keys
from flowship.values.model.root import Values
from flowship.values.model.server.access import BASIC_AUTHORIZATION, Permission
from flowship.values.model.server.process import ServerFlag, ServerOption
from flowship.values.reading.reading import defaults
from flowship.values.rules.all_rules import REFUSED_FLAGS, REFUSED_OPTIONS, REFUSED_VARIABLES
from tests.unit.values.specification import CHANGED, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator


def default(key: str) -> Any:
    found: Any = defaults()
    for part in key.replace("[0]", ".0").split("."):
        found = found[int(part) if isinstance(found, list) else part]
    return found


def test_every_key_of_the_specification_is_there() -> None:
    known = set(all_keys())
    missing = {key for key in TABLE if key.partition("[")[0] not in known}

    assert missing == {"serviceMonitor.labels.release"}, "a key inside an open map"
    assert len(TABLE) > 130


def test_defaults_are_those_of_the_specification_but_for_the_changed_ones() -> None:
    ours = {key: default(key) for key in TABLE}

    assert ours == {**TABLE, **{key: value for key, (value, _) in CHANGED.items()}}
    assert all(reason for _, reason in CHANGED.values())


def sections(section: type[Section] = Values) -> Iterator[type[Section]]:
    yield section
    for field in section.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if is_section(kind):
                yield from sections(kind)


def test_every_key_has_a_description() -> None:
    for section in sections():
        assert section.__doc__
        for name, field in section.model_fields.items():
            text = field.description or (field.annotation.__doc__ if is_section(field.annotation) else "")
            assert text, f"{section.__name__}.{name}"
            assert text.rstrip().endswith("."), f"{section.__name__}.{name}"


def test_sections_are_strict_and_frozen() -> None:
    for section in sections():
        assert section.model_config["extra"] == "forbid"
        assert section.model_config["strict"]
        assert section.model_config["hide_input_in_errors"]
    with pytest.raises(ValidationError):
        Values().replicaCount = 2  # type: ignore[misc]


def test_everything_that_is_named_as_a_secret_is_one() -> None:
    words = ("password", "secretkey", "accesskey", "connectionstring")
    places = ("existingSecret.clientSecretKey",)  # it says where a Secret holds one
    named = {key for key in all_keys() if key.lower().endswith(words) and not key.endswith(places)}

    assert named <= secret_keys()
    assert secret_keys() - named == {
        "artifactRoot.s3.awsAccessKeyId",
        "encryption.webhookKey",
        "encryption.gatewayPassphrase",
        "encryption.previousWebhookKey",
        "encryption.previousGatewayPassphrase",
        "ldapAuth.encodedTrustedCACertificate",
        "oidcAuth.clientSecret",
    }


@dataclass(frozen=True)
class ServerOptions:
    """What `mlflow server` takes, and MLflow's permissions."""

    valued: set[str]
    flags: set[str]
    variables: set[str]
    permissions: set[str]
    authenticates: bool


# In a process of its own: MLflow warns of much, changes the warnings' filters, and takes seconds to import.
ASK_MLFLOW = """
import json, click
from mlflow.cli import server
from mlflow.server import auth
from mlflow.server.auth.permissions import ALL_PERMISSIONS
options = [option for option in server.params if isinstance(option, click.Option)]
names = lambda option: [name[2:] for name in (*option.opts, *option.secondary_opts) if name.startswith("--")]
print(json.dumps({
    "valued": [name for option in options if not option.is_flag for name in names(option)],
    "flags": [name for option in options if option.is_flag for name in names(option)],
    "variables": [option.envvar for option in options if option.envvar],
    "permissions": list(ALL_PERMISSIONS),
    "authenticates": callable(auth.authenticate_request_basic_auth),
}))
"""


@pytest.fixture(scope="module")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> ServerOptions:
    command = [sys.executable, "-W", "ignore", "-c", ASK_MLFLOW]
    folder = tmp_path_factory.mktemp("mlflow")  # the module of authentication may make its SQLite file
    environment = {**os.environ, "MLFLOW_FLASK_SERVER_SECRET_KEY": "x", "MLFLOW_DISABLE_TELEMETRY": "true"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=environment)
    answer = json.loads(run.stdout.splitlines()[-1])
    return ServerOptions(
        valued=set(answer["valued"]),
        flags=set(answer["flags"]),
        variables=set(answer["variables"]),
        permissions=set(answer["permissions"]),
        authenticates=answer["authenticates"],
    )


def kebab(name: str) -> str:
    """An option as `mlflow server` spells it: `staticPrefix` is `static-prefix`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()


SINCE_3_18 = {"artifacts-presigned-only", "MLFLOW_ARTIFACTS_PRESIGNED_ONLY"}
"""What is refused in favour of `artifactRoot.directTransfer`; the default MLflow does not know it."""


def test_options_are_those_of_mlflow_server(mlflow_server: ServerOptions) -> None:
    assert {kebab(name) for name in get_args(ServerOption)} == mlflow_server.valued
    assert {kebab(name) for name in get_args(ServerFlag)} - SINCE_3_18 == mlflow_server.flags - SINCE_3_18


def test_refused_options_and_flags_exist() -> None:
    assert REFUSED_OPTIONS.keys() <= set(get_args(ServerOption))
    assert REFUSED_FLAGS.keys() <= set(get_args(ServerFlag))


HONOURED = {
    "MLFLOW_READ_REPLICA_BACKEND_STORE_URI",
    "MLFLOW_SERVER_ALLOWED_HOSTS",
    "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS",
    "MLFLOW_WORKSPACE_STORE_URI",
}
"""Variables that no other key decides, or to which other keys add."""


def test_each_variable_of_an_option_is_refused_or_honoured(mlflow_server: ServerOptions) -> None:
    assert mlflow_server.variables - REFUSED_VARIABLES.keys() == HONOURED
    assert REFUSED_VARIABLES.keys() - mlflow_server.variables - SINCE_3_18 == {
        "FORWARDED_ALLOW_IPS",
        "MLFLOW_CRYPTO_KEK_VERSION",
        "GUNICORN_CMD_ARGS",
        "WEB_CONCURRENCY",
        "MLFLOW_AUTH_CONFIG_PATH",
        "MLFLOW_BASIC_AUTH_FAIL_CLOSED",
        "MLFLOW_ENABLE_REMOTE_ASSISTANT",
        "MLFLOW_WORKSPACE",
        "_MLFLOW_ASSISTANT_DELEGATION_SIGNING_KEY",
    }, "no options"


def test_permissions_are_those_of_mlflow(mlflow_server: ServerOptions) -> None:
    # DENY is for single grants; as the default it would lock everyone out of everything.
    assert {*get_args(Permission), "DENY"} == mlflow_server.permissions


def test_the_default_authentication_is_mlflows_own(mlflow_server: ServerOptions) -> None:
    assert mlflow_server.authenticates
    assert BASIC_AUTHORIZATION == "mlflow.server.auth:authenticate_request_basic_auth"

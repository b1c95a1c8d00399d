from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official

SOURCE = {"secretKeyRef": {"name": "token", "key": "token"}}


def test_a_list_of_variables_becomes_a_map(official: Official) -> None:
    result = official(
        env=[{"name": "AWS_REGION", "value": "eu"}, {"name": "apiToken", "valueFrom": SOURCE}, {"name": "EMPTY"}]
    )

    assert result.complete
    assert result.values == {"extraEnvVars": {"AWS_REGION": "eu", "apiToken": {"valueFrom": SOURCE}, "EMPTY": ""}}


def test_a_map_of_variables_stays_one(seed: Official) -> None:
    given: dict[str, Any] = {
        "no_proxy": ".example.com",
        "MLFLOW_S3_UPLOAD_EXTRA_ARGS": {"a": 1},
        "MLFLOW_S3_IGNORE_TLS": True,
    }

    result = seed(extraEnvVars=given)

    assert (result.complete, result.values) == (True, {"extraEnvVars": given})


@pytest.mark.parametrize("given", [[{"name": "A"}, {"name": "A"}], [{"value": "x"}], "A"])
def test_a_list_that_is_none_or_names_a_variable_twice_is_said(official: Official, given: object) -> None:
    assert [note.key for note in official(env=given).left_out] == ["env"]


def test_a_map_that_is_none_is_said(seed: Official) -> None:
    assert [note.sentence for note in seed(extraEnvVars=["A"]).left_out] == [
        "is not a map. Write the variables into extraEnvVars."
    ]


@pytest.mark.parametrize(
    ("name", "value", "values"),
    [
        ("MLFLOW_WORKERS", "2", {"extraArgs": {"workers": "2"}}),
        ("mlflow_static_prefix", "/ml", {"extraArgs": {"staticPrefix": "/ml"}}),
        ("MLFLOW_SERVER_X_FRAME_OPTIONS", "DENY", {"extraArgs": {"xFrameOptions": "DENY"}}),
        ("MLFLOW_UVICORN_OPTS", "--backlog 10", {"extraArgs": {"uvicornOpts": "--backlog 10"}}),
        ("MLFLOW_HOST", "0.0.0.0", {}),
        ("MLFLOW_SERVE_ARTIFACTS", "true", {}),
        ("MLFLOW_DISABLE_TELEMETRY", "true", {"telemetry": {"enabled": False}}),
        ("DO_NOT_TRACK", "0", {"telemetry": {"enabled": True}}),
        (
            "MLFLOW_ARTIFACTS_DESTINATION",
            "s3://a",
            {"artifactRoot": {"s3": {"enabled": True, "bucket": "a"}, "proxiedArtifactStorage": True}},
        ),
    ],
)
def test_a_variable_that_another_key_decides_becomes_that_key(
    seed: Official, name: str, value: str, values: dict[str, Any]
) -> None:
    result = seed(extraEnvVars={name: value})

    assert (result.complete, result.values) == (True, values)


def test_a_variable_that_nothing_stands_for_is_left_out(seed: Official) -> None:
    result = seed(extraEnvVars={"MLFLOW_AUTH_CONFIG_PATH": "/auth.ini"})

    assert [(note.key, note.sentence) for note in result.left_out] == [
        (
            "extraEnvVars.MLFLOW_AUTH_CONFIG_PATH",
            "is decided by other keys. Flowship writes that file. Write what your own holds into auth: adminUsername "
            "and adminPassword or existingAdminSecret, defaultPermission, authorizationFunction, and postgres or "
            "sqliteFullPath for its database_uri.",
        )
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MLFLOW_BACKEND_STORE_URI", "backendStore.existingDatabaseSecret.name"),
        ("MLFLOW_WORKERS", "takes no valueFrom"),
    ],
)
def test_a_source_for_what_another_key_decides_is_left_out(official: Official, name: str, words: str) -> None:
    result = official(env=[{"name": name, "valueFrom": SOURCE}])

    assert result.values == {}
    assert [words in note.sentence for note in result.left_out] == [True]


def test_a_reference_that_kubernetes_would_fill_in_is_said(official: Official) -> None:
    result = official(env=[{"name": "URL", "value": "https://$(HOST)/"}])

    assert [note.key for note in result.left_out] == ["env.URL"]


def test_of_an_option_and_a_variable_mlflow_takes_the_option(official: Official) -> None:
    result = official(env=[{"name": "MLFLOW_WORKERS", "value": "2"}], server={"value_options": {"workers": 4}})

    assert result.values == {"extraArgs": {"workers": 4}}
    assert [note.key for note in result.left_out] == ["env.MLFLOW_WORKERS"]


def test_whole_secrets_are_carried_over_and_configmaps_are_not(official: Official) -> None:
    secret, prefixed = {"secretRef": {"name": "more"}}, {"secretRef": {"name": "more"}, "prefix": "A_"}

    assert official(envFrom=[secret]).values == {"extraSecretNamesForEnvFrom": ["more"]}
    for other in ({"configMapRef": {"name": "more"}}, prefixed, "more"):
        assert [note.key for note in official(envFrom=[other]).left_out] == ["envFrom"]

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from flowship.importing.conversion import imported
from flowship.importing.options import FLAGS, OPTIONS, VARIABLES
from flowship.importing.recognition import CHARTS
from flowship.importing.table import Kept
from flowship.values.model.server.process import ServerFlag, ServerOption
from flowship.values.rules.server.process import REFUSED_FLAGS, REFUSED_OPTIONS, REFUSED_VARIABLES

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official


def test_every_option_of_mlflow_is_known() -> None:
    assert OPTIONS.keys() == set(get_args(ServerOption))
    assert set(FLAGS) <= set(get_args(ServerFlag))


def test_nothing_that_flowship_refuses_is_simply_kept() -> None:
    kept = {name for name, fate in OPTIONS.items() if fate == Kept(f"extraArgs.{name}")}

    assert kept.isdisjoint(REFUSED_OPTIONS)
    assert FLAGS.keys() == {*REFUSED_FLAGS, "serveArtifacts", "noServeArtifacts"}
    assert VARIABLES.keys() >= REFUSED_VARIABLES.keys()


@pytest.mark.parametrize(
    ("option", "value", "values"),
    [
        ("workers", 2, {"extraArgs": {"workers": 2}}),
        ("static_prefix", "/ml", {"extraArgs": {"staticPrefix": "/ml"}}),
        ("x_frame_options", "DENY", {"extraArgs": {"xFrameOptions": "DENY"}}),
        ("uvicorn-opts", "--backlog 10", {"extraArgs": {"uvicornOpts": "--backlog 10"}}),
        ("allowed_hosts", "a.example.com, b:*", {"allowedHosts": ["a.example.com", "b:*"]}),
        ("cors-allowed-origins", "https://a.example.com", {"corsAllowedOrigins": ["https://a.example.com"]}),
        ("port", 8080, {"service": {"port": 8080}}),
        ("host", "0.0.0.0", {}),
        ("expose_prometheus", "/metrics", {}),
        (
            "read_replica_backend_store_uri",
            "postgresql://a:b@db/c",
            {"extraEnvVars": {"MLFLOW_READ_REPLICA_BACKEND_STORE_URI": "postgresql://a:b@db/c"}},
        ),
        (
            "workspace_store_uri",
            "postgresql://a:b@db/c",
            {"extraEnvVars": {"MLFLOW_WORKSPACE_STORE_URI": "postgresql://a:b@db/c"}},
        ),
        (
            "default_artifact_root",
            "gs://a",
            {"artifactRoot": {"gcs": {"enabled": True, "bucket": "a"}, "proxiedArtifactStorage": False}},
        ),
        ("artifacts_destination", "", {}),
    ],
)
def test_an_option_becomes_the_key_that_decides_it(
    official: Official, option: str, value: object, values: dict[str, Any]
) -> None:
    result = official(server={"value_options": {option: value}})

    assert (result.complete, result.values) == (True, values)


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        ("gunicorn_opts", "remove --timeout, because no request is cut off for its time."),
        ("waitress_opts", "Write extraArgs.uvicornOpts."),
        ("host", "Remove it; on a laptop, run flowship up --host."),
        ("unheard of", "Look for what it did in docs/reference/values.md."),
    ],
)
def test_an_option_without_an_equal_is_left_out(official: Official, option: str, instead: str) -> None:
    result = official(server={"value_options": {option: "x"}})

    assert result.values == {}
    assert [note.sentence.endswith(instead) for note in result.left_out] == [True]


def test_an_app_of_ones_own_turns_authentication_on(official: Official, seed: Official) -> None:
    result = official(server={"value_options": {"app_name": "my-app"}})

    assert result.values == {"auth": {"enabled": True, "appName": "my-app"}}
    assert [note.sentence for note in result.remarks] == [
        "is an app of your own, which must be in Flowship's image too."
    ]
    assert seed(extraArgs={"appName": "basic-auth"}).remarks == ()


def test_flags_are_handed_over_or_explained(official: Official) -> None:
    result = official(server={"flag_options": ["serve_artifacts", "enable-workspaces", "dev", "unheard_of"]})

    assert result.values == {"extraFlags": ["enableWorkspaces"]}
    assert [note.key for note in result.remarks if not note.left_out] == ["server.flag_options.serveArtifacts"]
    assert [note.key for note in result.left_out] == ["server.flag_options.dev", "server.flag_options"]


def test_what_is_no_map_or_list_is_said(seed: Official) -> None:
    result = seed(extraArgs=["workers"], extraFlags={"dev": True})

    assert [note.sentence for note in result.left_out] == [
        "is not a map. Write the options into extraArgs.",
        "is not a list. Write the flags into extraFlags.",
    ]


@pytest.mark.parametrize(
    ("log", "options"),
    [
        ({"level": "debug"}, "--log-level=debug --backlog 10"),
        ({"level": "info"}, "--backlog 10"),
        ({"level": "debug", "enabled": False}, "--backlog 10"),
    ],
)
def test_the_level_of_the_log_joins_the_options_of_uvicorn(log: dict[str, Any], options: str) -> None:
    result = imported(CHARTS["1.11.5"], {"log": log, "extraArgs": {"uvicornOpts": "--backlog 10"}})

    assert result.complete
    assert result.values["extraArgs"] == {"uvicornOpts": options}

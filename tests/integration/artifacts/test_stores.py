"""Each object store with the stock client: direct, where the client reaches the store itself, and through the server.

Every deployment is started once for all tests of this module; where it has secrets, as the program itself, since the
arguments of programs are looked at.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.effects import shows
from tests.integration.artifacts import names
from tests.integration.artifacts.client import ARTIFACTS, BINARY, Client, client
from tests.integration.artifacts.conftest import azure_values, s3_values
from tests.integration.flowship import Running, clean, running
from tests.integration.forked import run_module
from tests.integration.legacy.environment import old_programs
from tests.integration.servers.process import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.integration.artifacts.conftest import HardS3
    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.gcs import GcsServer

STRAYS = {
    "AWS_ACCESS_KEY_ID": "stray",
    "AWS_SECRET_ACCESS_KEY": "stray",
    "AWS_SESSION_TOKEN": "stray",
    "AWS_SECURITY_TOKEN": "stray",
    "AWS_PROFILE": "stray",
    "AZURE_STORAGE_ACCESS_KEY": "c3RyYXk=",
    "AZURE_STORAGE_CONNECTION_STRING": "stray",
}
"""In the environment of everybody who starts `flowship up` here: what the values say must win."""


OURS = Path(sys.executable)
S3_PREFIX = "team a/100%/mlflöw/"


@dataclass(frozen=True)
class Case:
    """What to start, and how to look into its store."""

    values: Mapping[str, Any]
    names: Callable[[], list[str]]
    prefix: str
    """Where in the store the artifacts must be."""
    proxied: bool
    secrets: tuple[str, ...] = ()
    user: Mapping[str, str] = field(default_factory=dict)
    """The environment of a client; empty when it goes through the server."""


def s3_direct(server: HardS3) -> Case:
    server.create_bucket("direct")
    values = s3_values(server, "direct", s3={"path": "/team a/100%/mlflöw/"})
    return Case(
        values,
        lambda: server.object_names("direct"),
        S3_PREFIX,
        proxied=False,
        secrets=(server.secret_key,),
        user=server.client_environment(),
    )


def s3_proxied(server: HardS3) -> Case:
    server.create_bucket("proxied")
    values = s3_values(server, "proxied", proxiedArtifactStorage=True, s3={"path": "//team a/100%/mlflöw//"})
    names = lambda: server.object_names("proxied")  # noqa: E731
    return Case(values, names, S3_PREFIX, proxied=True, secrets=(server.secret_key,))


def gcs_direct(server: GcsServer) -> Case:
    server.create_bucket("direct")
    values = {
        "artifactRoot": {"gcs": {"enabled": True, "bucket": "direct"}},
        "extraEnvVars": server.client_environment(),
    }
    names = lambda: server.object_names("direct")  # noqa: E731
    return Case(values, names, "", proxied=False, user=server.client_environment())


def gcs_proxied(server: GcsServer) -> Case:
    server.create_bucket("proxied")
    gcs = {"enabled": True, "bucket": "proxied", "path": "/team a/mlflöw/"}
    values = {
        "artifactRoot": {"proxiedArtifactStorage": True, "gcs": gcs},
        "extraEnvVars": server.client_environment(),
    }
    return Case(values, lambda: server.object_names("proxied"), "team a/mlflöw/", proxied=True)


def azure_key_direct(server: AzureServer) -> Case:
    server.create_container("key-direct")
    values = azure_values(server, "key-direct", {"accessKey": server.access_key}, azureBlob={"path": "/team a/mlflöw/"})
    return Case(
        values,
        lambda: server.object_names("key-direct"),
        "team a/mlflöw/",
        proxied=False,
        secrets=(server.access_key,),
        user=server.client_environment(),
    )


def azure_key_proxied(server: AzureServer) -> Case:
    server.create_container("key-proxied")
    values = azure_values(server, "key-proxied", {"accessKey": server.access_key}, proxiedArtifactStorage=True)
    names = lambda: server.object_names("key-proxied")  # noqa: E731
    return Case(values, names, "", proxied=True, secrets=(server.access_key,))


def azure_connection_proxied(server: AzureServer) -> Case:
    server.create_container("connection")
    values = azure_values(
        server,
        "connection",
        {"connectionString": server.connection_string},
        proxiedArtifactStorage=True,
        azureBlob={"path": "team/"},
    )
    names = lambda: server.object_names("connection")  # noqa: E731
    return Case(values, names, "team/", proxied=True, secrets=(server.access_key, server.connection_string))


CASES: dict[str, tuple[str, Callable[[Any], Case]]] = {
    "s3 direct": ("hard_s3", s3_direct),
    "s3 proxied": ("hard_s3", s3_proxied),
    "gcs direct": ("gcs", gcs_direct),
    "gcs proxied": ("gcs", gcs_proxied),
    "azure direct by key": ("azure", azure_key_direct),
    "azure proxied by key": ("azure", azure_key_proxied),
    "azure proxied by connection string": ("azure", azure_connection_proxied),
}


@dataclass(frozen=True)
class Deployment:
    """A case that runs, with one user, and a run that the user logged to it."""

    case: Case
    up: Running
    user: Client
    run: Mapping[str, str]

    def stored(self) -> list[str]:
        """The objects of the run, by their path below its artifacts."""
        below = f"{self.case.prefix}{self.experiment}/{self.run['id']}/artifacts/"
        return [name.removeprefix(below) for name in self.case.names() if name.startswith(below)]

    @property
    def experiment(self) -> str:
        return self.run["uri"].rsplit("/", 3)[1]


@pytest.fixture(scope="module", params=CASES)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prepared: Path
) -> Iterator[Deployment]:
    server, make = CASES[request.param]
    case = make(request.getfixturevalue(server))
    data = tmp_path_factory.mktemp("up") / "data"
    shutil.copytree(prepared, data)
    with ExitStack() as stack:
        port = free_port()
        user = stack.enter_context(client(f"http://{LOOPBACK}:{port}", case.user))  # imports MLflow meanwhile
        program = bool(case.secrets)
        up = stack.enter_context(running(case.values, data=data, environ=STRAYS, port=port, program=program))
        yield Deployment(case, up, user, user.log("first experiment"))


def test_the_client_lists_and_downloads_what_it_logged(deployment: Deployment) -> None:
    assert deployment.user.read(deployment.run["id"]) == ARTIFACTS


@shows(
    "artifactRoot.s3.enabled",
    "artifactRoot.s3.bucket",
    "artifactRoot.s3.path",
    "artifactRoot.s3.awsAccessKeyId",
    "artifactRoot.gcs.enabled",
    "artifactRoot.gcs.bucket",
    "artifactRoot.gcs.path",
    "artifactRoot.azureBlob.enabled",
    "artifactRoot.azureBlob.storageAccount",
    "artifactRoot.azureBlob.container",
    "artifactRoot.azureBlob.path",
)
def test_the_objects_lie_below_the_path_of_the_values(deployment: Deployment) -> None:
    assert set(ARTIFACTS) <= set(deployment.stored())
    assert all(name.startswith(deployment.case.prefix) for name in deployment.case.names())


def test_the_default_experiment_lies_there_too(deployment: Deployment) -> None:
    run = deployment.user.log("Default")

    assert f"{deployment.case.prefix}0/{run['id']}/artifacts/tree/a.txt" in deployment.case.names()


def test_the_ui_shows_an_artifact(deployment: Deployment) -> None:
    query = {"run_uuid": deployment.run["id"], "path": "tree/deep/deeper/b.bin"}

    answer = requests.get(f"{deployment.up.address}/get-artifact", params=query, timeout=60)

    assert (answer.status_code, answer.content) == (200, BINARY)


@shows("artifactRoot.proxiedArtifactStorage")
def test_the_server_takes_uploads_only_when_artifacts_go_through_it(deployment: Deployment) -> None:
    url = f"{deployment.up.address}/api/2.0/mlflow-artifacts/artifacts/uploaded/by-hand.txt"

    answer = requests.put(url, data=b"text", timeout=60)

    assert answer.status_code == (200 if deployment.case.proxied else 503)
    arrived = [name for name in deployment.case.names() if name.endswith("by-hand.txt")]
    assert arrived == ([f"{deployment.case.prefix}uploaded/by-hand.txt"] if deployment.case.proxied else [])


def test_deleted_artifacts_are_gone_from_the_store(deployment: Deployment) -> None:
    user = deployment.user
    run = user.log("deleting")["id"]

    user.delete(run, "tree")

    assert list(user.read(run)) == ["notes/hello wörld.txt"]
    assert [name for name in deployment.case.names() if run in name and "/tree/" in name] == []


def test_nothing_is_written_beside_the_store(deployment: Deployment) -> None:
    assert not list(deployment.user.home.rglob("mlruns"))
    assert sorted(path.name for path in deployment.up.directory.iterdir()) == ["flowship.log", "values.yaml"]
    assert not list(deployment.up.data.rglob("*.txt"))


def test_no_secret_is_in_any_argument_list_or_log(deployment: Deployment) -> None:
    lines = [argument_list(pid) for pid in Path("/proc").glob("[0-9]*")]

    assert not deployment.case.secrets or any("/flowship\0up\0" in line for line in lines)
    for secret in deployment.case.secrets:
        assert not [line for line in lines if secret in line]
        assert secret not in deployment.up.log()


def test_awkward_names_are_kept_or_refused_with_old_and_new_clients(deployment: Deployment, tmp_path: Path) -> None:
    if not deployment.case.proxied:
        pytest.skip("a client that reaches the store itself decides alone")
    programs = [OURS]
    if deployment.case.prefix == S3_PREFIX:  # what an old client makes of names is the same for every store behind us
        programs.append(old_programs() / "python")
    kept = dict.fromkeys(names.NAMES[:4])
    refused = {
        "a%2Fb.txt": "an escaped '/'",
        "C:drive.txt": "'c:drive.txt'",
        "why?.txt": "a '?'",
        "plot #3.txt": "a '#'",
    }

    for program in programs:
        logged = spoken(program, deployment.up.address, "log")
        outcome = logged["outcome"]

        assert {name: outcome[name] for name in kept} == kept
        assert {name for name, why in refused.items() if why not in str(outcome[name])} == set()
        assert "could not be read back under its name" in outcome[r"a\b.txt"]
        for other in programs:
            read = spoken(other, deployment.up.address, "read", logged["run"])
            images = {step: re.split("[%+]", read.pop(step))[:3] for step in map(str, names.STEPS)}
            assert read == {name: name for name in kept}
            assert images == {step: ["face", "step", step] for step in images}


def spoken(program: Path, address: str, *command: str) -> Any:
    """What the client prints; ours is forked from a process that has imported it."""
    environ = clean({"MLFLOW_TRACKING_URI": address})
    if program == OURS:
        done = run_module("tests.integration.artifacts.names", *command, environ=environ)
    else:
        quiet = {**environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        arguments = [str(program), names.__file__, *command]
        done = subprocess.run(arguments, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def argument_list(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:  # it has ended
        return ""

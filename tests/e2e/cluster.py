"""A real cluster, as its users reach it: kubectl, and Helm 3 and 4.

    KUBECONFIG           the cluster
    E2E_IMAGE            an image of Flowship that it knows, such as localhost/flowship:dev
    E2E_S3_IMAGE         one of the S3 server that `make e2e-images` builds
    E2E_LDAP_IMAGE       one with slapd
    E2E_OLD_IMAGE        one of MLflow 2.22.0, from the folder .cache/e2e/mlflow-2.22.0 that `make e2e-images` gathers
    E2E_OLD_POSTGRES     one of PostgreSQL 15, from .cache/e2e/postgres-15, which it gathers too
    E2E_PREFIX           what the names of the namespaces begin with; `e2e` unless it says otherwise
    E2E_EXEC             a command that runs another one inside the cluster's network; empty where this machine is in it
    E2E_BROWSER          a Chromium; `chromium` unless it says otherwise
    E2E_PICTURES         a folder for pictures of the pages where people sign in; none are taken without it
    E2E_INGRESS_ADDRESS  address of the ingress controller, unless the Ingress's status tells it

The databases are the official images postgres:17, mysql:9 and mariadb:11.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.helm import HelmMajor, helm, kubectl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHART = Path(__file__).parents[2] / "charts" / "mlflow"
HERE = Path(__file__).parent

LIMIT = 240
"""Seconds that anything may take on a small, busy machine."""

MISSING = """These tests need a cluster, and {name} is not set. Bring one up, build and load the image, then say where:

    export KUBECONFIG=~/.kube/config E2E_IMAGE=registry.example.com/flowship:dev
    make e2e

tests/e2e/cluster.py lists all variables."""


class CommandError(Exception):
    """A command failed; the message is what it said."""


@dataclass(frozen=True)
class Cluster:
    """Where the tests run."""

    image: str
    s3_image: str
    ldap_image: str
    old_image: str
    old_postgres: str
    chart: Path
    """The chart's package, as users install it."""

    @classmethod
    def of_environment(cls, folder: Path) -> Cluster:
        """The cluster that the environment names, with the chart packaged into a folder.

        Raises:
            CommandError: it names none; the message says how to bring one.
        """
        for name in ("KUBECONFIG", "E2E_IMAGE"):
            if not os.environ.get(name):
                raise CommandError(MISSING.format(name=name))
        cluster = cls(
            os.environ["E2E_IMAGE"],
            os.environ.get("E2E_S3_IMAGE", "localhost/flowship-s3:dev"),
            os.environ.get("E2E_LDAP_IMAGE", "localhost/openldap:2.6"),
            os.environ.get("E2E_OLD_IMAGE", "localhost/mlflow:2.22.0"),
            os.environ.get("E2E_OLD_POSTGRES", "localhost/postgres:15"),
            packaged(folder),
        )
        cluster.kubectl("get", "nodes")
        return cluster

    def kubectl(self, *arguments: str, given: str | None = None, limit: float = LIMIT) -> str:
        """Run kubectl; what it prints."""
        return run([str(kubectl()), *arguments], given=given, limit=limit)

    def inside(self, command: list[str]) -> list[str]:
        """A command that runs inside the cluster's network."""
        return [*shlex.split(os.environ.get("E2E_EXEC", "")), *command]

    @property
    def image_values(self) -> dict[str, Any]:
        """The values that name the image."""
        repository, _, tag = self.image.rpartition(":")
        return {"image": {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}}


def packaged(folder: Path) -> Path:
    """The chart as `helm package` makes it."""
    run([str(helm(4)), "package", str(CHART), "--destination", str(folder)])
    (package,) = folder.glob("*.tgz")
    return package


def run(command: list[str], *, given: str | None = None, limit: float = LIMIT) -> str:
    """Run a command to its end.

    Raises:
        CommandError: it failed.
    """
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=limit)
    if done.returncode:
        raise CommandError(f"{' '.join(command)[:400]}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def until(question: Callable[[], object], what: str, limit: float = LIMIT, pause: float = 0.5) -> None:
    """Return once the answer is true.

    Raises:
        CommandError: it is not, within the limit.
    """
    deadline = time.monotonic() + limit
    while not question():
        if time.monotonic() > deadline:
            raise CommandError(f"not within {limit:.0f} s: {what}")
        time.sleep(pause)


@dataclass(frozen=True)
class Namespace:
    """A namespace that enforces the Pod Security Standard `restricted`, with a release called `mlflow`."""

    cluster: Cluster
    name: str
    release: str = "mlflow"

    def create(self) -> None:
        """Make it, and a pod that logs runs as a user's would."""
        self.cluster.kubectl("delete", "namespace", self.name, "--ignore-not-found")  # of a run that was ended
        self.cluster.kubectl("create", "namespace", self.name)
        self.cluster.kubectl("label", "namespace", self.name, "pod-security.kubernetes.io/enforce=restricted")
        self.apply("client.yaml")
        self.kubectl("wait", "--for=condition=Ready", "pod/client", f"--timeout={LIMIT}s")

    def named(self, release: str) -> Namespace:
        """The same namespace, with another release."""
        return replace(self, release=release)

    def delete(self) -> None:
        """Forget everything in it."""
        self.cluster.kubectl("delete", "namespace", self.name, "--wait=false", "--ignore-not-found")

    def kubectl(self, *arguments: str, given: str | None = None, limit: float = LIMIT) -> str:
        """Run kubectl in it."""
        return self.cluster.kubectl("--namespace", self.name, *arguments, given=given, limit=limit)

    def get(self, kind: str, name: str = "") -> Any:
        """An object, or the list of those of a kind."""
        found = json.loads(self.kubectl("get", kind, *([name] if name else []), "--output", "json"))
        return found if name else found["items"]

    def apply(self, file: str) -> None:
        """Make the objects of a file in `servers/`."""
        text = (HERE / "servers" / file).read_text()
        for mark, image in (
            ("E2E_IMAGE", self.cluster.image),
            ("E2E_S3_IMAGE", self.cluster.s3_image),
            ("E2E_LDAP_IMAGE", self.cluster.ldap_image),
            ("E2E_OLD_IMAGE", self.cluster.old_image),
        ):
            text = text.replace(f"${{{mark}}}", image)
        self.kubectl("apply", "--filename", "-", given=text)

    def rolled_out(self, what: str = "deployment/mlflow") -> None:
        """Return once all pods of a workload are new and ready."""
        self.kubectl("rollout", "status", what, f"--timeout={LIMIT}s", limit=LIMIT + 10)

    def secret(self, name: str, kind: str = "Opaque", /, **content: str) -> None:
        """Make a Secret, or change it."""
        thing = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": kind, "stringData": content}
        self.kubectl("apply", "--filename", "-", given=yaml.dump(thing, Dumper=yaml.CSafeDumper))

    def helm(self, *arguments: str, major: HelmMajor = 4, given: str | None = None) -> str:
        """Run Helm in it."""
        return run([str(helm(major)), "--namespace", self.name, *arguments], given=given, limit=LIMIT + 60)

    def upgrade(self, values: Mapping[str, Any], *options: str, major: HelmMajor = 4, wait: bool = True) -> str:
        """Install the release, or upgrade it, with these values and the image."""
        given = yaml.dump({**self.cluster.image_values, **values}, Dumper=yaml.CSafeDumper)
        waiting = ("--wait", f"--timeout={LIMIT}s") if wait else ()
        command = ("upgrade", "--install", self.release, str(self.cluster.chart), "--values", "-", *waiting, *options)
        return self.helm(*command, major=major, given=given)

    def test(self, major: HelmMajor = 4) -> str:
        """What `helm test` says."""
        return self.helm("test", self.release, f"--timeout={LIMIT}s", major=major)

    def python(self, script: str, *arguments: str, **environment: str) -> str:
        """Run a script of `tests/e2e` in the client's pod."""
        variables = [f"{name}={value}" for name, value in environment.items()]
        command = ("exec", "--stdin", "client", "--", "env", *variables, "python", "-", *arguments)
        return self.kubectl(*command, given=(HERE / script).read_text())

    def log(self, step: str, port: int = 5000, prefix: str = "", **environment: str) -> str:
        """Log runs with MLflow's client, or read them back: `write` or `read`."""
        address = f"http://{self.release}.{self.name}:{port}{prefix}"
        return self.python("image/client.py", step, MLFLOW_TRACKING_URI=address, **environment)

    @property
    def pods(self) -> list[dict[str, Any]]:
        """The server's pods that are not ending."""
        found = json.loads(
            self.kubectl("get", "pods", "--selector", f"app.kubernetes.io/instance={self.release}", "--output", "json")
        )
        return [each for each in found["items"] if "deletionTimestamp" not in each["metadata"]]

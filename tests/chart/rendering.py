"""The chart, rendered by the real Helm: values in, objects out, each of them valid for every Kubernetes we claim."""

from __future__ import annotations

import base64
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from flowship.values.reading.reading import read
from tests.chart import kubernetes_schemas, pod_security
from tests.helm import HelmMajor, run_helm, written
from tests.unit.values.cases import WEBHOOK_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHART = Path(__file__).parents[2] / "charts" / "mlflow"
NAMESPACE = "team-a"
SERVICE_MONITORS = "monitoring.coreos.com/v1"
KEPT = {"helm.sh/resource-policy": "keep", "argocd.argoproj.io/sync-options": "Prune=false"}
"""What keeps data from Helm, and from Argo CD, when it is not rendered any more."""
WORKLOADS = ("Deployment", "StatefulSet", "Job")


class RenderedLoader(yaml.CSafeLoader):
    """Reads objects as Kubernetes does: `<<` and `=` are ordinary texts where a value stands."""


def _text(loader: RenderedLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for kind in ("merge", "value"):
    RenderedLoader.add_constructor(f"tag:yaml.org,2002:{kind}", _text)


class RenderingError(Exception):
    """Helm refused; the message is what it printed."""


@dataclass(frozen=True)
class Objects:
    """What was rendered."""

    all: tuple[dict[str, Any], ...]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.all)

    @property
    def names(self) -> set[tuple[str, str]]:
        """Kind and name of each."""
        return {(each["kind"], each["metadata"]["name"]) for each in self.all}

    def of(self, kind: str, name: str | None = None) -> list[dict[str, Any]]:
        """Those of a kind."""
        return [each for each in self.all if each["kind"] == kind and name in (None, each["metadata"]["name"])]

    def one(self, kind: str, name: str | None = None) -> dict[str, Any]:
        """The only one of a kind."""
        (found,) = self.of(kind, name)
        return found

    @property
    def pod(self) -> dict[str, Any]:
        """The spec of the server's pods."""
        spec: dict[str, Any] = self.one("Deployment")["spec"]["template"]["spec"]
        return spec

    @property
    def server(self) -> dict[str, Any]:
        """The container that serves."""
        return next(each for each in self.pod["containers"] if each["name"] == "mlflow")

    @property
    def steps(self) -> dict[str, dict[str, Any]]:
        """Flowship's containers by name: wait, migrate, mlflow."""
        own = [each for each in self.pod.get("initContainers", []) if each["name"] in ("wait", "migrate")]
        return {each["name"]: each for each in (*own, self.server)}

    @property
    def pod_file(self) -> bytes:
        """The file that the pods read, from the Secret."""
        (secret,) = (each for each in self.of("Secret") if each["metadata"]["name"].endswith("-values"))
        return base64.b64decode(secret["data"]["values.yaml"])

    @property
    def pod_values(self) -> dict[str, Any]:
        """What that file holds."""
        values: dict[str, Any] = json.loads(self.pod_file)
        return values

    @property
    def template(self) -> dict[str, Any]:
        """What replaces the pods when it changes."""
        found: dict[str, Any] = self.one("Deployment")["spec"]["template"]
        return found

    def containing(self, text: str) -> set[tuple[str, str]]:
        """Objects that hold a text, in whatever encoding their parts have."""
        return {
            (each["kind"], each["metadata"]["name"]) for each in self.all if any(text in part for part in texts(each))
        }


def texts(thing: Any) -> Iterator[str]:
    """Every text of an object, what a Secret encodes decoded, and the texts in a values file of the pods too."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            encoded = key == "data" and thing.get("kind") == "Secret"
            yield key
            yield from (
                texts({name: _content(base64.b64decode(each)) for name, each in value.items()})
                if encoded
                else (texts(value))
            )
    elif isinstance(thing, list):
        for each in thing:
            yield from texts(each)
    elif isinstance(thing, str):
        yield thing


def _content(data: bytes) -> Any:
    """What a Secret holds: a file of values, or one text."""
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


def rendered(
    values: Mapping[str, Any] | None = None,
    *options: str,
    major: HelmMajor = 4,
    release: str = "demo",
    chart: Path = CHART,
) -> Objects:
    """Render, and check every object.

    Raises:
        RenderingError: Helm refused.
    """
    output = template(values, *options, major=major, release=release, chart=chart)
    objects = Objects(tuple(each for each in yaml.load_all(output, Loader=RenderedLoader) if each))
    require_valid(objects)
    return objects


def template(
    values: Mapping[str, Any] | None,
    *options: str,
    major: HelmMajor,
    release: str = "demo",
    chart: Path = CHART,
) -> str:
    """What `helm template` prints."""
    given = written(dict(values or {})).encode()
    run = run_helm(major, "template", release, str(chart), "--namespace", NAMESPACE, "-f", "-", *options, given=given)
    if run.returncode:
        raise RenderingError(run.stderr.decode())
    assert run.stderr == b"", run.stderr
    return run.stdout.decode()


def require_valid(objects: Objects) -> None:
    """Every object is what Kubernetes takes, in whatever version, and every name is there once."""
    found = [
        f"{version}: {finding}"
        for version in kubernetes_schemas.VERSIONS
        for each in objects
        for finding in kubernetes_schemas.findings(each, version)
    ]
    assert not found, "\n".join(found)
    assert len(objects.names) == len(objects.all)
    require_readable(objects)
    for pod in pods(objects):
        names = [each["name"] for each in pod.get("volumes", [])]
        assert len(set(names)) == len(names), names
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            paths = [each["mountPath"] for each in container.get("volumeMounts", [])]
            variables = [each["name"] for each in container.get("env", [])]
            assert len(set(paths)) == len(paths), paths
            assert len(set(variables)) == len(variables), variables
            assert {each["name"] for each in container.get("volumeMounts", [])} <= set(names)


def require_readable(objects: Objects) -> None:
    """The pods take the values and variables that they are given."""
    variables = {each["name"]: each.get("value", WEBHOOK_KEY) for each in objects.server["env"]}
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(objects.pod_file)
        file.flush()
        read([Path(file.name)], [], variables, "win")


def pods(objects: Objects) -> list[dict[str, Any]]:
    """The spec of each pod."""
    found = [each["spec"] for each in objects.of("Pod")]
    found += [each["spec"]["template"]["spec"] for kind in WORKLOADS for each in objects.of(kind)]
    return [*found, *(each["spec"]["jobTemplate"]["spec"]["template"]["spec"] for each in objects.of("CronJob"))]


def require_restricted(objects: Objects) -> None:
    """Every pod passes the Pod Security Standard `restricted`, and every container asks for resources."""
    assert [finding for pod in pods(objects) for finding in pod_security.violations(pod)] == []
    for pod in pods(objects):
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            assert container["resources"]["requests"], container["name"]

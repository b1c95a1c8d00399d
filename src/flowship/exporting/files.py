"""Artifacts of an experiment, between a store and the folder of an export."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.artifacts.store_errors import explained
from flowship.errors import ExportError
from flowship.mlflow_seams.artifacts.clients import artifact_repository
from flowship.mlflow_seams.server.app import PROXIED_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from flowship.artifacts.location import ArtifactLocation

FOLDER = "artifacts"
ENDS = ("models", "traces")
"""Folders below that of an experiment in which each model and trace has one of its own; a run's is beside them."""


def real(address: str, location: ArtifactLocation) -> str:
    """Give the address in the store of what clients reach through the server."""
    proxied = PROXIED_ROOT.rstrip("/")
    if address == proxied or address.startswith(f"{proxied}/"):
        return f"{location.uri.rstrip('/')}/{address[len(proxied) :].lstrip('/')}".rstrip("/")
    return address


def root(location: ArtifactLocation) -> str:
    """Give the address below which clients are told that new experiments are."""
    return (PROXIED_ROOT if location.proxied else location.uri).rstrip("/")


def fetch(address: str, location: ArtifactLocation, top: Path) -> int:
    """Copy all artifacts below an address into a folder of an export; tells how many files there are."""
    with _reaching(location):
        repository = artifact_repository(real(address, location))
        sizes = dict(_sizes(repository, ""))
        if sizes:
            target = top / FOLDER
            target.mkdir(parents=True)
            repository.download_artifacts("", str(target))
    _compare(sizes, _on_disk(top / FOLDER, str), address)
    return len(sizes)


def put(top: Path, address: str, location: ArtifactLocation, renamed: Callable[[str], str]) -> None:
    """Copy the artifacts of an export to an address; folders of runs, models and traces may get other names."""
    source = top / FOLDER
    if not source.exists():
        return
    with _reaching(location):
        repository = artifact_repository(real(address, location))
        for each in _parts(source):
            name = renamed(each.relative_to(source).as_posix())
            if each.is_dir():
                repository.log_artifacts(str(each), name)
            else:
                repository.log_artifact(str(each), name.rpartition("/")[0] or None)
        sizes = dict(_sizes(repository, ""))
    wanted = _on_disk(source, renamed)
    _compare(wanted, {name: sizes[name] for name in wanted if name in sizes}, address)


@contextmanager
def _reaching(location: ArtifactLocation) -> Iterator[None]:
    """Turn what a store's client raises into a sentence."""
    try:
        yield
    except Exception as error:
        raise ExportError(f"{location.key or location.uri}: {explained(error, location)}.") from error


def _parts(source: Path) -> Iterator[Path]:
    for each in sorted(source.iterdir()):
        if each.name in ENDS and each.is_dir():
            yield from sorted(each.iterdir())
        else:
            yield each


def _sizes(repository: Any, path: str) -> Iterator[tuple[str, int]]:
    for each in repository.list_artifacts(path or None):
        if each.is_dir:
            yield from _sizes(repository, each.path)
        else:
            yield each.path, int(each.file_size)


def _on_disk(source: Path, renamed: Callable[[str], str]) -> dict[str, int]:
    files = [file for file in source.rglob("*") if file.is_file()]
    return {_moved(file.relative_to(source).as_posix(), renamed): file.stat().st_size for file in files}


def _moved(name: str, renamed: Callable[[str], str]) -> str:
    parts = name.split("/")
    depth = 2 if parts[0] in ENDS and len(parts) > 2 else 1
    return "/".join([renamed("/".join(parts[:depth])), *parts[depth:]])


def _compare(wanted: dict[str, int], found: dict[str, int], address: str) -> None:
    if wrong := sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)):
        raise ExportError(
            f"{len(wrong)} artifacts below {address} were not copied whole, the first is {wrong[0]}: it has"
            f" {wanted.get(wrong[0], 'no')} bytes there and {found.get(wrong[0], 'no')} in the copy. Run it again."
        )

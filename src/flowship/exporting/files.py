"""Artifacts of an experiment, between a store and the folder of an export."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.artifacts.behind import BEHIND, DEFAULT_WORKSPACE, WORKSPACES, OtherServerError, in_store
from flowship.artifacts.contents import list_files, read_file
from flowship.artifacts.store_errors import explained
from flowship.errors import ExportError
from flowship.mlflow_seams.artifacts.clients import artifact_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from flowship.artifacts.contents import File
    from flowship.artifacts.location import ArtifactLocation

FOLDER = "artifacts"
AT_ONCE = 8
"""Files that are read at the same time."""
ENDS = ("models", "traces")
"""Folders below that of an experiment in which each model and trace has one of its own; a run's is beside them."""


def root(location: ArtifactLocation, workspace: str) -> str:
    """Give the address below which clients are told that new experiments of a workspace are."""
    top = BEHIND if location.proxied else location.uri.rstrip("/")
    return top if workspace == DEFAULT_WORKSPACE else f"{top}/{WORKSPACES}/{workspace}"


def out_of_reach(address: str, location: ArtifactLocation, workspace: str) -> Iterator[str]:
    """Tell of artifacts that lie where an address says, and where clients of its workspace are not let: those of an
    experiment that was moved into another workspace without them."""
    with _reaching(location):
        said = in_store(address, location.uri)
        reached = in_store(address, location.uri, workspace)
        if said != reached and (count := len(list_files(artifact_repository(said)))):
            yield f"{count} artifacts below {said}, where clients of the workspace {workspace} do not reach them"


def fetch(address: str, location: ArtifactLocation, workspace: str, top: Path) -> int:
    """Copy all artifacts below an address, as clients of a workspace see them, into a folder of an export; tells how
    many files there are."""
    with _reaching(location):
        repository = artifact_repository(in_store(address, location.uri, workspace))
        found = list_files(repository)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda file: _fetch(repository, file, top / FOLDER), found))
    _compare(_sizes(found), _on_disk(top / FOLDER, str), address)
    return len(found)


def _fetch(repository: Any, file: File, folder: Path) -> None:
    """Copy a file. Whoever may write to a bucket decides what its objects are called."""
    if not {"", ".", ".."}.isdisjoint(file.path.split("/")):
        raise ExportError(f"the artifact {file.path} has a name that no file can have. Rename it in its store.")
    target = folder / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as copy:
        for data in read_file(repository, file.path):
            copy.write(data)


def _sizes(files: Iterable[File]) -> dict[str, int]:
    return {file.path: file.size for file in files}


def put(top: Path, address: str, location: ArtifactLocation, workspace: str, renamed: Callable[[str], str]) -> None:
    """Copy the artifacts of an export to an address that clients of a workspace are told; folders of runs, models and
    traces may get other names."""
    source = top / FOLDER
    if not source.exists():
        return
    with _reaching(location):
        repository = artifact_repository(in_store(address, location.uri, workspace))
        for each in _parts(source):
            name = renamed(each.relative_to(source).as_posix())
            if each.is_dir():
                repository.log_artifacts(str(each), name)
            else:
                repository.log_artifact(str(each), name.rpartition("/")[0] or None)
        sizes = _sizes(list_files(repository))
    wanted = _on_disk(source, renamed)
    _compare(wanted, {name: sizes[name] for name in wanted if name in sizes}, address)


@contextmanager
def _reaching(location: ArtifactLocation) -> Iterator[None]:
    """Turn what a store's client raises into a sentence."""
    try:
        yield
    except OtherServerError as error:
        raise ExportError(f"The artifacts are behind the server {error}. Export the experiment there.") from error
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"{location.key or location.uri}: {explained(error, location)}.") from error


def _parts(source: Path) -> Iterator[Path]:
    for each in sorted(source.iterdir()):
        if each.name in ENDS and each.is_dir():
            yield from sorted(each.iterdir())
        else:
            yield each


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

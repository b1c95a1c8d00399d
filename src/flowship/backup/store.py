"""Backups in an object store, reached by the clients that MLflow has for artifacts.

A backup's manifest is written last and removed first, so that one without it is none.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.store_errors import explained
from flowship.backup.catalog import Catalog
from flowship.backup.manifest import FILE, Manifest, is_name
from flowship.errors import BackupError
from flowship.mlflow_seams.artifacts import clients as mlflow_artifacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class StoredCatalog(Catalog):
    """The backups below an address; what is being taken or restored is in a directory meanwhile."""

    def __init__(self, uri: str, directory: Path) -> None:
        super().__init__(directory)
        self.shown = uri
        self._location = ArtifactLocation(uri.rstrip("/"), proxied=False)

    def good(self) -> list[Manifest]:
        with self._explained():
            return [manifest for name in self._names() if (manifest := self._manifest(name))]

    def absent(self) -> str:
        return ""  # an object store has no folders

    def fetch(self, manifest: Manifest) -> None:
        shutil.rmtree(self.directory / manifest.name, ignore_errors=True)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._explained():
            self._repository.download_artifacts(manifest.name, str(self.directory))

    def begin(self, time: datetime) -> str:
        name = super().begin(time)
        with self._explained():
            for unfinished in self._names():
                if FILE not in self._sizes(unfinished):
                    self._repository.delete_artifacts(unfinished)
        return name

    def finish(self, manifest: Manifest) -> None:
        super().finish(manifest)
        with self._explained():
            for name in (*(dump.file for dump in manifest.databases.values()), FILE):
                self._repository.log_artifact(str(self.file(manifest, name)), manifest.name)
        shutil.rmtree(self.directory / manifest.name)

    def _remove(self, manifest: Manifest) -> None:
        with self._explained():
            self._repository.delete_artifacts(f"{manifest.name}/{FILE}")
            self._repository.delete_artifacts(manifest.name)

    @property
    def _repository(self) -> Any:
        return mlflow_artifacts.artifact_repository(self._location.uri)

    def _names(self) -> list[str]:
        with self._explained():
            names = (PurePosixPath(info.path).name for info in self._repository.list_artifacts() if info.is_dir)
            return sorted(filter(is_name, names))

    def _sizes(self, name: str) -> dict[str, int]:
        return {PurePosixPath(info.path).name: info.file_size for info in self._repository.list_artifacts(name)}

    def _manifest(self, name: str) -> Manifest | None:
        sizes = self._sizes(name)
        if FILE not in sizes:
            return None
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = Path(self._repository.download_artifacts(f"{name}/{FILE}", str(self.directory))).read_bytes()
        try:
            manifest = Manifest.model_validate_json(content)
        except ValidationError:
            return None
        whole = all(sizes.get(dump.file) == dump.size for dump in manifest.databases.values())
        return manifest if whole and manifest.name == name else None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except BackupError:
            raise
        except Exception as error:  # whatever a store's client raises
            raise BackupError(
                f"{self.shown} cannot be used for backups: {explained(error, self._location)}."
            ) from error

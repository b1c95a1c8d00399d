"""What an export holds: written last, so that a directory without it is none."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flowship.errors import ExportError

FILE = "manifest.json"
FORMAT = 1
"""Changes when an older Flowship could not read what is written."""


class Exported(BaseModel):
    """One experiment of an export."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    location: str
    """Where its artifacts were, as MLflow was told."""
    rows: dict[str, int]
    """For each table how many."""
    files: dict[str, str]
    """The SHA-256 of each file below its folder."""
    left_out: tuple[str, ...] = ()
    """What belongs to it and is not here, a sentence each."""


class Manifest(BaseModel):
    """An export."""

    model_config = ConfigDict(frozen=True)

    format: int
    time: datetime
    flowship: str
    mlflow: str
    revision: str
    """Of the tracking database."""
    experiments: tuple[Exported, ...]


def folder(directory: Path, experiment: int) -> Path:
    """Give the folder of one experiment."""
    return directory / "experiments" / str(experiment)


def sha256(file: Path) -> str:
    """Give the digest of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def digests(top: Path) -> dict[str, str]:
    """Give the digest of each file below a folder."""
    files = sorted(file for file in top.rglob("*") if file.is_file())
    return {file.relative_to(top).as_posix(): sha256(file) for file in files}


def load(directory: Path) -> Manifest:
    """Read the manifest of an export, and verify all files that it names.

    Raises:
        ExportError: this is no export, one of another format, or one whose files have changed.
    """
    file = directory / FILE
    try:
        manifest = Manifest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ExportError(
            f"{directory} is no export of `flowship export`, or one that was cut short: {FILE}"
        ) from error
    if manifest.format != FORMAT:
        raise ExportError(f"{directory} has format {manifest.format}; this Flowship reads {FORMAT}: use a newer one.")
    for experiment in manifest.experiments:
        found = digests(folder(directory, experiment.id))
        wrong = sorted(
            name for name in found.keys() | experiment.files if found.get(name) != experiment.files.get(name)
        )
        if wrong:
            raise ExportError(
                f"{directory}: {len(wrong)} files of experiment {experiment.id} are not as they were exported, the"
                f" first is {wrong[0]}. Nothing was imported; export it again."
            )
    return manifest

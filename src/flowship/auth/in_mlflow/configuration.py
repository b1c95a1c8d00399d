"""The file that MLflow's authentication reads: made from values, readable by its owner only."""

from __future__ import annotations

import os
from configparser import ConfigParser
from io import StringIO
from typing import TYPE_CHECKING

from flowship.auth.in_mlflow.authorize import FUNCTION
from flowship.errors import DataDirectoryError
from flowship.values.model.signing_in import OWN, admin, method

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.database import Database
    from flowship.values.model.root import Values


def configuration(values: Values, database: Database) -> str:
    """Write the text of MLflow's file. The admin's password is not in it: the preparation applies it, so the server
    never needs it."""
    settings = {
        "default_permission": values.auth.defaultPermission,
        "database_uri": database.served_url,
        # With a directory, admins are who is in its group, and MLflow makes none of its own.
        **({"admin_username": found.name} if (found := admin(values)) else {}),
        "authorization_function": _authorization_function(values),
        # MLflow's own cache stays off: the gate's is asked before it, and is safe against changes meanwhile.
        "auth_cache_ttl_seconds": "0",
    }
    parser = ConfigParser()
    # MLflow reads with interpolation, where a percent sign is written twice.
    parser["mlflow"] = {name: value.replace("%", "%%") for name, value in settings.items()}
    text = StringIO()
    parser.write(text)
    return text.getvalue()


def _authorization_function(values: Values) -> str:
    """Name Flowship's function, which reads whom the gate has verified; one of the user's own stays."""
    return values.auth.authorizationFunction if method(values) in OWN else FUNCTION


def write_configuration(directory: Path, name: str, text: str) -> Path:
    """Write the file under a private directory, whole or not at all, and return its path.

    Raises:
        DataDirectoryError: the directory cannot be written.
    """
    path = directory / name
    draft = directory / f".{name}.{os.getpid()}"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise DataDirectoryError(
            f"{path} cannot be written ({error.strerror}). Make its directory writable for this user, or choose "
            "another by auth.configPath or --data."
        ) from error
    return path

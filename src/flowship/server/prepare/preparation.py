"""What has to be done before MLflow can serve: its databases, Flask's key, the admin, the authentication's file.

The same for a pod, whose init containers do most of it, and for a laptop: each part does only what is missing.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flowship.artifacts import change
from flowship.artifacts.credentials import require_client
from flowship.artifacts.location import artifact_location
from flowship.auth import admin
from flowship.auth.configuration import configuration, write_configuration
from flowship.auth.directory.settings import directory_settings, require_ldap
from flowship.database import encryption, settings_table
from flowship.database.engine import open_engine
from flowship.database.left_behind import refuse_silent_loss
from flowship.database.lock import locked
from flowship.database.migrate import migrate
from flowship.database.sqlite import adopt_old_file
from flowship.database.url import auth_key, auth_url, has_users, is_sqlite, require_driver, tracking_key, tracking_url
from flowship.database.wait import TIMEOUT, wait
from flowship.mlflow_seams.app import PROXIED_ROOT
from flowship.mlflow_seams.schema import make_default_experiment
from flowship.server.plan.databases import Databases
from flowship.server.plan.options import found_environment
from flowship.server.prepare import data as data_directory
from flowship.values.model.access import configuration_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL, Engine

    from flowship.artifacts.change import Roots
    from flowship.values.model.root import Values
    from flowship.values.reading.reading import Reading

FLASK_KEY = "flask-server-secret-key"


def databases(reading: Reading, data: Path) -> Databases:
    """The databases that the values name.

    Raises:
        MissingExtraError: a driver, or what speaks to the directory, is not installed.
        ValuesError: the certificate for the directory is none.
    """
    values = reading.values
    if values.ldapAuth.enabled:
        require_ldap()
        directory_settings(values, reading.environ)  # refused here, before anything is waited for
    tracking = tracking_url(values, data, reading.bundled_host)
    require_driver(tracking, tracking_key(values))
    auth = auth_url(values, data, reading.bundled_host) if has_users(values) else None
    if auth is not None:
        require_driver(auth, auth_key(values))
    if store := artifact_location(values, data).key:
        require_client(store)
    return Databases(tracking, auth)


def wait_for(urls: Databases, values: Values, report: Callable[[str], None], timeout: float = TIMEOUT) -> None:
    """Return once every database answers. Raises DatabaseError when one does not."""
    wait(urls.tracking, report=report, timeout=timeout, key=tracking_key(values))
    if urls.auth is not None and urls.auth != urls.tracking:
        wait(urls.auth, report=report, timeout=timeout, key=auth_key(values))


def prepare(
    urls: Databases,
    values: Values,
    data: Path,
    *,
    upgrade: bool,
    report: Callable[[str], None],
    timeout: float = TIMEOUT,
    before_upgrade: Callable[[], None] | None = None,
) -> dict[str, str | None]:
    """Wait for the databases, bring their schemas and the admin up to date, and look where artifacts are. Returns the
    variables of the server for what was found; `before_upgrade` is called before an older database of a server is
    changed.

    Raises:
        DatabaseError: a database cannot be used or, without `upgrade`, is of an older MLflow.
        ArtifactStoreError: artifacts that exist would not be found.
    """
    if keeps_data_here(urls, values, data):
        data_directory.make(data)
    if urls.auth is not None and is_sqlite(urls.auth):
        adopt_old_file(values, data, report)
    if not is_sqlite(urls.tracking):
        wait_for(urls, values, report, timeout)
        refuse_silent_loss(urls.tracking, urls.auth, values, data)
    migrate(
        urls.tracking,
        urls.auth,
        upgrade=upgrade,
        report=report,
        tracking_key=tracking_key(values),
        auth_key=auth_key(values),
        timeout=timeout,
        before_upgrade=before_upgrade,
    )
    if urls.auth is not None and values.auth.enabled:
        _apply_admin(urls.auth, values, report)
    engine = open_engine(urls.tracking)
    flask_key = values.flaskServerSecretKey or settings_table.keep(engine, FLASK_KEY, lambda: secrets.token_hex(32))
    keys = encryption.keys(engine, values.encryption)
    encryption.encrypt_again(engine, keys, report)
    return found_environment(flask_key, _roots(engine, values, data, report), keys)


def _roots(engine: Engine, values: Values, data: Path, report: Callable[[str], None]) -> Roots:
    kept = settings_table.get(engine, change.DESTINATION)
    location = artifact_location(values, data)
    found = change.roots(location, kept, change.experiments(engine), values.artifactRoot.movedFrom)
    change.remember(engine, kept, found, report)
    if change.has_no_experiment(engine):
        # Otherwise each worker of each replica would make the default one, all at the same time.
        with locked(engine.url, report=report):
            if change.has_no_experiment(engine):
                make_default_experiment(engine.url, found.direct or PROXIED_ROOT)
    return found


def keeps_data_here(urls: Databases, values: Values, data: Path) -> bool:
    """Whether a database or artifacts are in the data directory."""
    files = any(is_sqlite(url) for url in (urls.tracking, urls.auth) if url is not None)
    return files or not artifact_location(values, data).key


def _apply_admin(auth: URL, values: Values, report: Callable[[str], None]) -> None:
    from flowship.mlflow_seams.users import auth_store

    if admin.is_applied(open_engine(auth), values.auth.adminUsername, values.auth.adminPassword):
        return  # without importing MLflow, which the server's process will do
    with locked(auth, report=report), auth_store(auth) as store:
        admin.apply(store, open_engine(auth), values.auth.adminUsername, values.auth.adminPassword, report)


def authentication_file(urls: Databases, values: Values, directory: Path) -> Path | None:
    """Write what MLflow's authentication reads, if it is on, and return the file's path."""
    if urls.auth is None:
        return None
    return write_configuration(directory, configuration_name(values.auth), configuration(values, urls.auth))

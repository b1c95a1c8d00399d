"""What has to be done before MLflow can serve: its databases, Flask's key, the admin, the authentication's file.

The same for a pod, whose init containers do most of it, and for a laptop: each part does only what is missing.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flowship.artifacts import change
from flowship.artifacts.credentials import require_client
from flowship.artifacts.location import artifact_location
from flowship.auth.in_mlflow.configuration import configuration, write_configuration
from flowship.auth.methods.basic import admin
from flowship.auth.methods.chosen import chosen
from flowship.database import from_values
from flowship.database.lock import locked
from flowship.database.migrating import search_indexes
from flowship.database.migrating.left_behind import refuse_silent_loss
from flowship.database.migrating.migrate import migrate
from flowship.database.own_tables import (
    encryption,
    provider_accounts,
    provider_log_ins,
    sessions_table,
    settings_table,
    terminal_requests,
    tokens_table,
)
from flowship.database.sqlite import adopt_old_file
from flowship.database.wait import TIMEOUT, wait
from flowship.mlflow_seams.database.schema import make_default_experiment
from flowship.mlflow_seams.server.app import PROXIED_ROOT
from flowship.server.plan.options import environment_from_databases
from flowship.server.prepare import data as data_directory
from flowship.server.prepare.moving_in import move_in
from flowship.values.model import signing_in
from flowship.values.model.server.access import configuration_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flowship.artifacts.change import Roots
    from flowship.database.database import Database, Databases
    from flowship.values.model.root import Values
    from flowship.values.model.signing_in import Admin
    from flowship.values.reading.reading import Reading

FLASK_KEY = "flask-server-secret-key"


def usable_databases(reading: Reading, data: Path) -> Databases:
    """Give the databases that the values name, when all that speaks to them is installed.

    Raises:
        MissingExtraError: a driver, or what the way to sign in needs, is not installed.
        ValuesError: what the way to sign in names cannot be used.
    """
    values = reading.values
    chosen(values, reading.environ)  # refused here, before anything is waited for
    databases = from_values.databases(values, data, reading.bundled_host)
    for database in databases:
        database.require_driver()
    if store := artifact_location(values, data).key:
        require_client(store)
    return databases


def wait_for(databases: Databases, report: Callable[[str], None], timeout: float = TIMEOUT) -> None:
    """Return once every database answers. Raises DatabaseError when one does not."""
    for database in databases.distinct:
        wait(database, report=report, timeout=timeout)


def prepare(
    databases: Databases,
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
    if keeps_data_here(databases, values, data):
        data_directory.make(data)
    tracking, auth = databases.tracking, databases.auth
    if auth is not None and auth.is_file:
        adopt_old_file(values, data, report)
    if not tracking.is_file:
        wait_for(databases, report, timeout)
        if values.backendStore.fromSQLite:
            move_in(databases, values, data, report)
        else:
            refuse_silent_loss(databases, values, data)
    migrate(databases, upgrade=upgrade, report=report, timeout=timeout, before_upgrade=before_upgrade)
    if upgrade:
        search_indexes.keep(tracking, report, wanted=values.backendStore.searchIndex)
    if auth is not None and (wanted := signing_in.admin(values)):
        _apply_admin(auth, wanted, report)
    if auth is not None and values.sessions.enabled:
        sessions_table.create(auth.engine())
    if auth is not None and values.tokens.enabled:
        tokens_table.create(auth.engine())
        terminal_requests.create(auth.engine())
    if auth is not None and values.oidcAuth.enabled:
        provider_accounts.create(auth.engine())
        provider_log_ins.create(auth.engine())
    engine = tracking.engine()
    flask_key = values.flaskServerSecretKey or settings_table.keep(engine, FLASK_KEY, lambda: secrets.token_hex(32))
    keys = encryption.keys(engine, values.encryption)
    encryption.encrypt_again(tracking, keys, report)
    return environment_from_databases(flask_key, _roots(tracking, values, data, report), keys)


def _roots(tracking: Database, values: Values, data: Path, report: Callable[[str], None]) -> Roots:
    engine = tracking.engine()
    kept = settings_table.get(engine, change.DESTINATION)
    location = artifact_location(values, data)
    found = change.roots(location, kept, change.experiments(engine), values.artifactRoot.movedFrom)
    change.remember(engine, kept, found, report)
    if change.has_no_experiment(engine):
        # Otherwise each worker of each replica would make the default one, all at the same time.
        with locked(tracking, report=report):
            if change.has_no_experiment(engine):
                make_default_experiment(tracking.url, found.direct or PROXIED_ROOT)
    return found


def keeps_data_here(databases: Databases, values: Values, data: Path) -> bool:
    """Tell whether a database or artifacts are in the data directory."""
    return any(database.is_file for database in databases) or not artifact_location(values, data).key


def _apply_admin(auth: Database, wanted: Admin, report: Callable[[str], None]) -> None:
    from flowship.mlflow_seams.auth.users import auth_store

    if admin.is_applied(auth.engine(), wanted.name, wanted.password):
        return  # without importing MLflow, which the server's process will do
    with locked(auth, report=report), auth_store(auth.url) as store:
        admin.apply(store, auth.engine(), wanted.name, wanted.password, report)


def authentication_file(databases: Databases, values: Values, directory: Path) -> Path | None:
    """Write what MLflow's authentication reads, if it is on, and return the file's path."""
    if databases.auth is None:
        return None
    return write_configuration(directory, configuration_name(values.auth), configuration(values, databases.auth))

"""`flowship init`: a values file to begin with, by a few questions or by options."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

import click

from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import done
from flowship.cli.terminal.types import PATH, Choice

DATABASES = {"postgres": "PGUSER and PGPASSWORD", "mysql": "MYSQL_USERNAME and MYSQL_PWD"}
"""Each server's section of the values, and the variables of its user and password."""

STORES = {"s3": ("s3", "bucket"), "gcs": ("gcs", "bucket"), "azure": ("azureBlob", "container")}
"""Each object store's section of the values, and what it calls a bucket."""


class Answers(NamedTuple):
    """What the file is made of."""

    database: str
    host: str
    artifacts: str
    account: str
    bucket: str
    admin: str


@command(
    examples={
        "Asks a few questions": "flowship init",
        "Asks nothing": "flowship init --database postgres --host db.example.com --admin ann --to team.yaml",
    }
)
@click.option("--database", type=Choice("sqlite", *DATABASES), help="Where runs and models are kept.")
@click.option("--host", metavar="NAME", help="The host of that database, unless it is SQLite.")
@click.option("--artifacts", type=Choice("disk", *STORES), help="Where the files of runs are kept.")
@click.option("--account", metavar="NAME", help="The storage account, for azure.")
@click.option("--bucket", metavar="NAME", help="The bucket, for s3 and gcs, or the container, for azure.")
@click.option("--admin", metavar="NAME", help="An admin: with one, everybody signs in; empty for nobody.")
@click.option("--to", "file", type=PATH, default="values.yaml", show_default=True, metavar="FILE", help="The new file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def init(
    database: str | None,
    host: str | None,
    artifacts: str | None,
    account: str | None,
    bucket: str | None,
    admin: str | None,
    file: Path,
    force: bool,
) -> None:
    """Write a values file to begin with.

    Asks what no option says, or takes SQLite, the disk and no users where standard input is no terminal. Passwords are
    not in the file: it names their Secrets, and the variables that hold them on this machine.
    """
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already. Name another file by --to, or write over it by --force.")
    given = any(each is not None for each in (database, host, artifacts, account, bucket, admin))
    asks = sys.stdin.isatty() and not given
    database = database or _asked(asks, "Where are runs kept", "sqlite", "sqlite", *DATABASES)
    if database != "sqlite":
        host = host or _asked(asks, "The host of that database", "")
    artifacts = artifacts or _asked(asks, "Where are files of runs kept", "disk", "disk", *STORES)
    if artifacts == "azure":
        account = account or _asked(asks, "The storage account", "")
    if artifacts in STORES:
        bucket = bucket or _asked(asks, f"The {STORES[artifacts][1]}", "")
    admin = _asked(asks, "The admin's name (empty: nobody signs in)", "") if admin is None else admin
    answers = Answers(database, host or "", artifacts, account or "", bucket or "", admin)
    _require(answers)
    file.write_text(written(answers))
    done(f"wrote {file}. Next: flowship check -f {file}")


def _asked(asks: bool, question: str, default: str, *choices: str) -> str:
    if not asks:
        return default
    return str(click.prompt(question, default=default, type=Choice(*choices) if choices else str, show_default=True))


def _require(answers: Answers) -> None:
    if not answers.admin.isprintable():
        raise click.UsageError("--admin: holds a character that cannot be printed. Write a name on one line.")
    if answers.database != "sqlite" and not answers.host:
        raise click.UsageError(f"--database {answers.database} needs --host NAME.")
    if answers.artifacts == "azure" and not answers.account:
        raise click.UsageError("--artifacts azure needs --account NAME.")
    if answers.artifacts in STORES and not answers.bucket:
        raise click.UsageError(f"--artifacts {answers.artifacts} needs --bucket NAME.")


def written(answers: Answers) -> str:
    """Give the file."""
    parts = [
        "# Values of Flowship, for `flowship up -f` and `helm install -f`. Whether they are right: flowship check -f\n",
        _database(answers),
        _artifacts(answers),
        _users(answers.admin),
    ]
    return "\n".join(parts)


def _database(answers: Answers) -> str:
    if answers.database == "sqlite":
        return "# Runs and models are in a SQLite file, for one server.\nbackendStore: {}\n"
    return f"""# Runs and models. On this machine user and password are the variables {DATABASES[answers.database]};
# on Kubernetes, they are a Secret:
#   kubectl create secret generic mlflow-database --from-literal=username=mlflow --from-file=password=FILE
backendStore:
  {answers.database}:
    enabled: true
    host: {json.dumps(answers.host)}
    database: mlflow
  existingDatabaseSecret:
    name: mlflow-database
"""


def _artifacts(answers: Answers) -> str:
    if answers.artifacts not in STORES:
        return "# Files of runs go through the server, to its disk.\nartifactRoot:\n  proxiedArtifactStorage: true\n"
    section, bucket = STORES[answers.artifacts]
    account = f"    storageAccount: {json.dumps(answers.account)}\n" if answers.artifacts == "azure" else ""
    return f"""# Files of runs go through the server, which has the store's credentials from where it runs.
artifactRoot:
  proxiedArtifactStorage: true
  {section}:
    enabled: true
{account}    {bucket}: {json.dumps(answers.bucket)}
"""


def _users(admin: str) -> str:
    if not admin:
        return "# Everybody who reaches the server may do everything.\nauth:\n  enabled: false\n"
    return f"""# Users sign in. On this machine the admin is in the variables MLFLOW_AUTH_ADMIN_USERNAME and
# MLFLOW_AUTH_ADMIN_PASSWORD; on Kubernetes, they are a Secret:
#   kubectl create secret generic mlflow-admin --from-literal=username={shlex.quote(admin)} --from-file=password=FILE
auth:
  enabled: true
  existingAdminSecret:
    name: mlflow-admin
"""

from __future__ import annotations

import json
import re
import shlex
from importlib.metadata import version
from typing import TYPE_CHECKING

import click
import pytest

from flowship import __version__, installing
from flowship.checks import libraries
from flowship.cli.app import flowship
from flowship.cli.terminal.command import Command
from flowship.database.database import Database
from flowship.errors import MissingExtraError
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-hunter2"

COMMANDS = [
    *("init", "up", "check", "show", "status"),
    *("users", "roles", "grant", "revoke", "tokens"),
    *("backup", "backups", "restore", "move", "export", "import", "gc"),
    *("login", "logout", "whoami"),
    *("import-values", "completion"),
    *("wait", "migrate", "serve", "smoke-test", "make-passwords", "move-bitnami"),
]


def found(name: str) -> click.Command:
    command = flowship.get_command(click.Context(flowship), name)
    assert command is not None
    return command


def doing(name: str) -> list[tuple[str, click.Command]]:
    """A command, or those below it, by their words."""
    command = found(name)
    below = command.commands.items() if isinstance(command, click.Group) else ()
    return [(f"{name} {word}", each) for word, each in below] or [(name, command)]


def test_the_versions_are_flowships_and_mlflows() -> None:
    assert run("--version").output == f"flowship {__version__}, MLflow {version('mlflow')}\n"


def test_the_help_lists_every_command_by_subject_and_steps_of_a_pod_last() -> None:
    lines = run("--help").output.split("Options:")[1].splitlines()

    assert [line.split()[0] for line in lines if re.match("  [a-z]", line)] == COMMANDS
    assert lines[-7] == "Steps of a pod, which the chart runs:"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_all_says_what_a_commands_own_says(name: str) -> None:
    assert found(name).name == name
    assert found(name).get_short_help_str(1000) == flowship.entries[name].summary


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_a_help_fits_into_80_columns_and_cuts_nothing(name: str) -> None:
    for words in {name, *(words for words, _ in doing(name))} if name else {""}:
        output = run(*words.split(), "--help").output
        lines = output.split("\nExamples:")[0].splitlines()

        assert lines[0].startswith(f"Usage: flowship {words}".rstrip())
        assert [line for line in lines if len(line) > 80 or (line.endswith("...") and line != lines[0])] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself(name: str) -> None:
    for each in (found(name), *(command for _, command in doing(name))):
        assert each.help
        assert all(option.help for option in each.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_ones_that_the_command_takes(name: str) -> None:
    for words, command in doing(name):
        assert isinstance(command, Command)
        assert command.examples
        for line in command.examples.values():
            start, *arguments = line.rpartition("| ")[2].partition(f"flowship {words}")[1:]
            found = shlex.split(re.split("[<>]", "".join(arguments))[0])
            assert start == f"flowship {words}"
            with command.make_context(words, found) as context:
                assert not context.args


@pytest.mark.parametrize("name", COMMANDS)
def test_numbers_and_choices_have_types_with_words_of_ours(name: str) -> None:
    types = {type(param.type) for _, command in doing(name) for param in command.params}

    assert not types & {click.Choice, click.IntRange, click.FloatRange, type(click.INT), type(click.FLOAT)}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(shell: str) -> None:
    assert "_FLOWSHIP_COMPLETE" in run("completion", shell).output


def test_valid_values_are_said_to_be_valid() -> None:
    result = run("check", "--set", "replicaCount=1")

    assert (result.exit_code, result.output) == (0, "✓ valid: --set replicaCount\n")
    assert run("check").output == "✓ valid: no file, so these are the defaults\n"


def test_every_finding_is_shown_with_its_place_and_the_status_is_two(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("replicaCount: two\nartifactRoot:\n  s3:\n    enabled: true\n")

    result = run("check", "-f", str(file), "--set", "servise.port=80")

    assert result.exit_code == 2
    assert result.output.splitlines() == [
        f"✗ replicaCount: must be a whole number, not text. ({file}:1)",
        f"✗ artifactRoot.s3.bucket: is empty, but artifactRoot.s3.enabled is true. Write the bucket's name. ({file}:3)",
        "✗ servise: is not a known key. Did you mean service? (--set servise.port)",
    ]


def test_findings_come_in_the_order_in_which_it_was_written(tmp_path: Path) -> None:
    first, second = tmp_path / "z.yaml", tmp_path / "a.yaml"
    first.write_text("replicaCount: two\nservice: {type: NodPort}\n")
    second.write_text("servise: {}\n")

    result = run("check", "--set", "y=1", "--set", "auth.enabled=maybe", "-f", str(first), "-f", str(second))

    assert [line.rpartition("(")[2] for line in result.stderr.splitlines()] == [
        f"{first}:1)",
        f"{first}:2)",
        f"{second}:1)",
        "--set y)",
        "--set auth.enabled)",
    ]
    assert "service.type: must be one of 'ClusterIP', 'NodePort' or 'LoadBalancer'. Did you mean NodePort?" in (
        result.stderr
    )


def test_check_gives_programs_what_is_wrong_where(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("replicaCount: two\n")
    words = ["check", "-f", str(file), "--output", "json"]

    result = run(*words)

    assert result.exit_code == 2
    assert json.loads(result.output) == {
        "valid": False,
        "read": [],
        "findings": [
            {
                "sentence": "replicaCount: must be a whole number, not text.",
                "keys": ["replicaCount"],
                "source": str(file),
                "line": 1,
                "column": None,
            }
        ],
        "live": [],
    }
    file.write_text("replicaCount: 1\n")
    assert json.loads(run(*words).output) == {"valid": True, "read": [str(file)], "findings": [], "live": []}


def test_libraries_that_are_missing_are_findings_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(f"{POSTGRES}\nartifactRoot: {{s3: {{enabled: true, bucket: b}}}}\n")
    monkeypatch.setattr(libraries, "require_client", _lacking)
    monkeypatch.setattr(Database, "require_driver", lambda database: _lacking(database.key))

    result = run("check", "-f", str(file))

    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"✗ backendStore.postgres: needs libraries that are not installed. Run: {installing.command('backendStore')} "
        f"({file}:3)",
        f"✗ artifactRoot.s3: needs libraries that are not installed. Run: {installing.command('artifactRoot')} "
        f"({file}:5)",
    ]


def _lacking(key: str) -> None:
    raise MissingExtraError(key=key, extra=key.partition(".")[0])


def test_a_missing_file_is_a_sentence() -> None:
    result = run("check", "-f", "nowhere.yaml")

    assert result.exit_code == 2
    assert "nowhere.yaml" in result.output
    assert "Traceback" not in result.output


def test_up_refuses_what_only_a_cluster_has() -> None:
    result = run("up", "--set", "postgresql.enabled=true", environ={"PGHOST": ""})

    assert result.exit_code == 2
    assert result.output == (
        "✗ postgresql.enabled: the chart installs this server; here, set PGHOST to the host of one to use. "
        "(--set postgresql.enabled)\n"
    )


def test_up_refuses_a_certificate_for_ldap_that_is_none_before_it_makes_anything(tmp_path: Path) -> None:
    ldap = {
        "enabled": "true",
        "uri": "ldaps://ldap.example.com",
        "lookupBind": "uid=%s",
        "searchBaseDistinguishedName": "ou=groups",
        "adminGroupDistinguishedName": "cn=admins",
        "encodedTrustedCACertificate": "aGVsbG8=",
    }
    settings = [f"--set=ldapAuth.{key}={value}" for key, value in ldap.items()]

    result = run("up", "--data", str(tmp_path / "data"), *settings)

    assert result.exit_code == 2
    assert "ldapAuth.encodedTrustedCACertificate: is not a certificate. Write that of the CA, in PEM." in result.output
    assert not (tmp_path / "data").exists()


def show(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> str:
    file = tmp_path / "values.yaml"
    file.write_text(text)
    result = run("show", "-f", str(file), "--data", str(tmp_path), environ=environ)
    assert result.exit_code == 0, result.output
    return result.output


POSTGRES = f"""
backendStore:
  postgres: {{enabled: true, host: db, database: mlflow, user: me, password: {SECRET}}}
"""


def test_show_masks_the_databases_password(tmp_path: Path) -> None:
    output = show(tmp_path, POSTGRES)

    assert "postgresql+psycopg2://me:***@db:5432/mlflow" in output
    assert SECRET not in output


def test_show_masks_every_other_secret(tmp_path: Path) -> None:
    output = show(
        tmp_path,
        f"""
artifactRoot:
  s3: {{enabled: true, bucket: b, awsAccessKeyId: {SECRET}, awsSecretAccessKey: {SECRET}}}
auth: {{enabled: true, adminUsername: admin, adminPassword: {SECRET}}}
flaskServerSecretKey: {SECRET}
extraEnvVars: {{MY_TOKEN: {SECRET}, anything: {SECRET}}}
""",
    )

    assert SECRET not in output


def test_show_tells_where_permissions_of_ldap_are_and_not_the_service_accounts_password(tmp_path: Path) -> None:
    search = f"{{enabled: true, bindDistinguishedName: cn=s, bindPassword: {SECRET}, baseDistinguishedName: dc=x}}"
    output = show(
        tmp_path,
        f"{POSTGRES}\nldapAuth: {{enabled: true, uri: 'ldaps://a', userSearch: {search}, searchBaseDistinguishedName: "
        "dc=x, userGroupDistinguishedName: cn=u}\n",
    )

    assert "Users and permissions\n  postgresql+psycopg2://me:***@db:5432/mlflow" in output
    assert "authentication: ldap" in output
    assert SECRET not in output


def test_show_names_the_source_of_each_value(tmp_path: Path) -> None:
    text = "backendStore:\n  postgres:\n    enabled: true\n    host: db\n    database: mlflow\n    user: me\n"

    output = show(tmp_path, text, {"PGPASSWORD": SECRET, "PGUSER": "stray"})

    assert "backendStore.postgres.password: variable PGPASSWORD" in output
    assert f"backendStore.postgres.user: {tmp_path}/values.yaml:6" in output
    assert "me:***@db" in output


def test_show_gives_programs_the_same_by_name(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(f"{POSTGRES}\nimage: {{tag: x}}\n")

    result = run("show", "-f", str(file), "--data", str(tmp_path), "--output", "json")

    found = json.loads(result.output)
    assert found["trackingDatabase"] == ["postgresql+psycopg2://me:***@db:5432/mlflow"]
    assert found["environment"]["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert found["sources"]["backendStore.postgres.password"] == f"{file}:3 (secret)"
    assert found["unused"] == ["image"]
    assert SECRET not in result.output


def test_show_lists_keys_without_effect_on_this_machine(tmp_path: Path) -> None:
    output = show(tmp_path, "image: {tag: x}\nservice: {port: 80}\nauth: {configPath: /etc/x}\n")

    assert output.split("No effect on this machine\n")[1] == "  auth.configPath\n  image\n  service\n"


def test_show_says_what_is_missing_on_this_machine(tmp_path: Path) -> None:
    output = show(tmp_path, "mysql: {enabled: true}\n", {"MYSQL_HOST": ""})

    assert "mysql.enabled: the chart installs this server; here, set MYSQL_HOST to the host of one to use." in output


def test_a_value_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)
    password = f"auth.adminPassword={tmp_path / 'password'}"

    done = run("check", "--set", "auth.enabled=true,auth.adminUsername=ann", "--set-file", password)

    assert (done.exit_code, done.output) == (
        0,
        "✓ valid: --set auth.enabled, --set auth.adminUsername, --set-file auth.adminPassword\n",
    )

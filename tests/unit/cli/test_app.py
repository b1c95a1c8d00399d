from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from flowship import __version__
from flowship.cli.app import flowship

SECRET = "hunter2-hunter2"

COMMANDS = [
    "up",
    "check",
    "show",
    "status",
    "import-values",
    "backup",
    "backups",
    "restore",
    "move",
    "export",
    "import",
    "gc",
    "users",
    "tokens",
    "login",
    "logout",
    "whoami",
    "roles",
    "grant",
    "revoke",
    "wait",
    "migrate",
    "serve",
    "smoke-test",
    "make-passwords",
    "move-bitnami",
    "completion",
]


def run(*arguments: str, environ: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(flowship, arguments, env=environ, prog_name="flowship")


def test_the_version_is_the_packages() -> None:
    assert run("--version").output == f"flowship, version {__version__}\n"


def test_the_help_lists_the_commands_in_the_order_in_which_one_meets_them() -> None:
    names = [line.split()[0] for line in run("--help").output.split("Commands:")[1].strip().splitlines()]

    assert names == COMMANDS


@pytest.mark.parametrize(
    "command",
    COMMANDS,
)
def test_every_command_and_option_explains_itself(command: str) -> None:
    found = flowship.commands[command]
    below = found.commands if isinstance(found, click.Group) else {}
    for each in (found, *below.values()):
        assert each.help
        assert all(option.help for option in each.params if isinstance(option, click.Option))
    for name in ([], *([name] for name in below)):
        assert run(command, *name, "--help").exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(shell: str) -> None:
    assert "_FLOWSHIP_COMPLETE" in run("completion", shell).output


def test_valid_values_are_said_to_be_valid() -> None:
    result = run("check", "--set", "replicaCount=1")

    assert (result.exit_code, result.output) == (0, "✓ valid\n")


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


def test_show_lists_keys_without_effect_on_this_machine(tmp_path: Path) -> None:
    output = show(tmp_path, "image: {tag: x}\nservice: {port: 80}\nauth: {configPath: /etc/x}\n")

    assert output.split("No effect on this machine\n")[1] == "  auth.configPath\n  image\n  service\n"


def test_show_says_what_is_missing_on_this_machine(tmp_path: Path) -> None:
    output = show(tmp_path, "mysql: {enabled: true}\n", {"MYSQL_HOST": ""})

    assert "mysql.enabled: the chart installs this server; here, set MYSQL_HOST to the host of one to use." in output


def test_a_value_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)
    password = f"auth.adminPassword={tmp_path / 'password'}"

    done = CliRunner().invoke(
        flowship, ["check", "--set", "auth.enabled=true,auth.adminUsername=ann", "--set-file", password]
    )

    assert (done.exit_code, done.output) == (0, "✓ valid\n")

"""How the databases' programs are told where to go, and that no password is among it."""

from __future__ import annotations

import gzip
import subprocess
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL

from flowship.backup.programs import Program, dump_script, dumping, load_here, load_script, loading
from tests.databases import tracking_at

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.database import Database

PASSWORD = 'it\'s "any" $(touch x) `y` \\ \n%s: é 漢'
POSTGRES = tracking_at(URL.create("postgresql+psycopg2", "ann", PASSWORD, "db", 5432, "runs"))
MYSQL = tracking_at(URL.create("mysql+pymysqlutf8", "ann", PASSWORD, "db", 3306, "-runs"))


@pytest.mark.parametrize("database", [POSTGRES, MYSQL], ids=["postgres", "mysql"])
def test_the_password_is_in_the_environment_and_in_no_argument(database: Database) -> None:
    for program in (dumping(database, {}), loading(database, {})):
        assert PASSWORD in program.environment.values()
        assert not any(PASSWORD in argument for argument in program.arguments)
        assert PASSWORD not in repr(program)


def test_a_script_hands_any_password_over_as_it_is(tmp_path: Path) -> None:
    program = Program(("sh",), ("-c", 'printf %s "$PGPASSWORD"'), {"PGPASSWORD": PASSWORD}, "sh")
    target = tmp_path / "it's a file"
    subprocess.run(["sh", "-c", dump_script(program, str(target))], check=True, cwd=tmp_path)

    assert target.read_text() == PASSWORD
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_read_to_its_end_does_not_pass_for_a_short_one(tmp_path: Path) -> None:
    """PostgreSQL would commit what came before."""
    (tmp_path / "dump.gz").write_bytes(b"no gzip")
    program = Program(("cat",), (), {}, "cat")
    script = load_script(program, str(tmp_path / "dump.gz"))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "the file is damaged;\n"


def test_what_the_environment_says_about_tls_is_kept_and_about_places_is_not() -> None:
    environ = {"PGSSLMODE": "verify-full", "PGHOST": "elsewhere", "PGSERVICE": "other", "HOME": "/root"}
    program = dumping(POSTGRES, environ)

    assert program.environment["PGSSLMODE"] == "verify-full"
    assert program.environment["PGHOST"] == "db"
    assert program.environment.keys() & {"PGSERVICE", "HOME"} == set()


def test_certificates_of_mysql_are_those_that_mlflow_is_told_of() -> None:
    checked = dumping(MYSQL, {"MLFLOW_MYSQL_SSL_CA": "/certs/ca.crt"}).arguments
    unchecked = dumping(MYSQL, {}).arguments

    assert {"--ssl-ca=/certs/ca.crt", "--loose-ssl-mode=VERIFY_CA"} <= set(checked)
    assert "--loose-skip-ssl-verify-server-cert" in unchecked
    assert checked[-2:] == ("--", "-runs")


@pytest.mark.parametrize(
    ("line", "loaded"),
    [
        (
            "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `a` FOR EACH ROW",
            "/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER `t` BEFORE INSERT ON `a` FOR EACH ROW",
        ),
        ("/*!50013 DEFINER=`ann ü`@`10.%` SQL SECURITY DEFINER */", "/*!50013  SQL SECURITY DEFINER */"),
        *[
            (same, same)
            for same in ("/*!50001 CREATE VIEW `v` AS SELECT 1*/;", "INSERT VALUES ('/*!50017 DEFINER=`a`@`b`*/');")
        ],
    ],
)
def test_whoever_loads_a_trigger_of_mysqls_is_the_one_who_made_it(line: str, loaded: str, tmp_path: Path) -> None:
    """Only an administrator may load one of another user, such as the superuser as whom MLflow logged in before."""
    file = tmp_path / "dump.gz"
    file.write_bytes(gzip.compress(f"{line}\nlast\n".encode()))
    target = tmp_path / "loaded"
    program = Program(("sh",), ("-c", f"cat > {target}"), {}, "sh", anonymous=True)
    for load in (
        lambda: load_here(program, file),
        lambda: subprocess.run(["sh", "-c", load_script(program, str(file))], check=True),
    ):
        load()
        assert target.read_text() == f"{loaded}\nlast\n"
    assert loading(MYSQL, {}).anonymous

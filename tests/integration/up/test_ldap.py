"""`flowship up` with a real OpenLDAP: who comes in, what it costs, and what happens while the directory is down."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
import yaml

from tests.effects import shows
from tests.integration import client
from tests.integration.flowship import Running, run, running, write_values
from tests.integration.server.asking import eventually
from tests.integration.servers.database import Database
from tests.integration.servers.process import free_port
from tests.integration.servers.slapd import GROUPS, PEOPLE, SERVICE, SUFFIX, SlapdServer, group, person, person_dn
from tests.integration.up.test_authentication import API, credentials, status
from tests.unit.values.examples import EXAMPLES

ANN, BOB, TOM, EVE = ("ann", "rïght: 密 🔑"), ("bob", "bob's"), ("tom", "tom's"), ("eve", "eve's")


def directory(authority: trustme.CA) -> SlapdServer:
    entries = [person(*user) for user in (ANN, BOB, TOM, EVE)]
    users = [person_dn("bob"), person_dn("tom"), SERVICE]
    groups = [group("test-admin", [person_dn("ann")]), group("test-user", users)]
    return SlapdServer(authority.issue_cert("localhost"), entries=[*entries, *groups])


@pytest.fixture
def slapd(certificate_authority: trustme.CA) -> Iterator[SlapdServer]:
    with directory(certificate_authority) as server:
        yield server


def ldap(slapd: SlapdServer, **more: Any) -> dict[str, Any]:
    return {
        "ldapAuth": {
            "enabled": True,
            "uri": slapd.uri,
            "lookupBind": f"uid=%s,{PEOPLE}",
            "searchBaseDistinguishedName": GROUPS,
            "adminGroupDistinguishedName": f"cn=test-admin,{GROUPS}",
            "userGroupDistinguishedName": f"cn=test-user,{GROUPS}",
            "readTimeoutSeconds": 1,
            **more,
        }
    }


def encoded(authority: trustme.CA) -> str:
    return base64.b64encode(authority.cert_pem.bytes()).decode()


def users(server: Running, who: tuple[str, str] = ANN) -> dict[str, bool]:
    """MLflow's users, and whether they are admins."""
    answer = requests.get(f"{server.address}{API}/users/list", headers=credentials(*who), timeout=30)
    answer.raise_for_status()
    return {user["username"]: user["is_admin"] for user in answer.json()["users"]}


def create(server: Running, who: tuple[str, str], kind: str, **body: str) -> dict[str, Any]:
    """Make something as this user, and give the answer."""
    answer = requests.post(f"{server.address}{API}/{kind}/create", headers=credentials(*who), json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@shows(
    "ldapAuth.enabled",
    "ldapAuth.uri",
    "ldapAuth.lookupBind",
    "ldapAuth.searchBaseDistinguishedName",
    "ldapAuth.searchFilter",
    "ldapAuth.adminGroupDistinguishedName",
    "ldapAuth.userGroupDistinguishedName",
    "ldapAuth.encodedTrustedCACertificate",
    "ldapAuth.externalSecretForTrustedCACertificate",
)
@pytest.mark.parametrize("name", ["ldap", "ldap with a certificate", "ldap with a certificate in a secret"])
def test_an_example_of_the_specification_runs(
    name: str, slapd: SlapdServer, certificate_authority: trustme.CA, tmp_path: Path
) -> None:
    values = yaml.safe_load(EXAMPLES[name])
    values["ldapAuth"]["uri"] = f"{slapd.uri}/dc=mlflow,dc=test"
    if "encodedTrustedCACertificate" in values["ldapAuth"]:
        values["ldapAuth"]["encodedTrustedCACertificate"] = encoded(certificate_authority)
    certificate = tmp_path / "ca.crt"
    certificate_authority.cert_pem.write_to_path(str(certificate))
    environ = {"LDAP_CA": str(certificate)} if "secret" in name else {}

    with running(values, data=tmp_path / "data", environ=environ) as server:
        assert [status(server, *user) for user in (ANN, BOB, EVE)] == [200, 200, 403]
        assert status(server, "ann", "wrong") == status(server, "nobody", "x") == status(server) == 401
        assert users(server) == {"ann": True, "bob": False}

    encrypted = "STARTTLS" in slapd.log.read_text()
    assert encrypted is (name != "ldap")


@shows(
    "ldapAuth.userSearch.enabled",
    "ldapAuth.userSearch.bindDistinguishedName",
    "ldapAuth.userSearch.bindPassword",
    "ldapAuth.userSearch.baseDistinguishedName",
    "ldapAuth.userSearch.filter",
    "ldapAuth.userSearch.existingSecret.name",
)
def test_the_stock_client_works_with_any_password_and_none_is_to_be_seen(slapd: SlapdServer, tmp_path: Path) -> None:
    search = {
        "enabled": True,
        "bindDistinguishedName": SERVICE,
        "baseDistinguishedName": SUFFIX,
        "filter": "(uid=%s)",
        "nameAttribute": "uid",
        "existingSecret": {"name": "login"},
    }
    values = ldap(slapd, lookupBind="", userSearch=search)
    secrets = {"FLOWSHIP_LDAP_BIND_PASSWORD": slapd.service_password}
    data = tmp_path / "data"
    with running(values, data=data, environ=secrets, program=True) as server:
        environ = {"MLFLOW_TRACKING_USERNAME": ANN[0], "MLFLOW_TRACKING_PASSWORD": ANN[1]}
        assert client.as_user("log_and_read", server.address, environ) == client.LOGGED

        command_lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server.pids()]
        files = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
        for password in (ANN[1], slapd.service_password):
            assert not any(password.encode() in text for text in (*command_lines, *files))
            assert password not in server.log()
        assert status(server, *BOB) == 200
        assert users(server).keys() == {"ann", "bob"}

        for command, expected in (("disable", 403), ("enable", 200)):  # whatever the directory says
            done = run("users", command, "bob", "--server", server.address, environ=environ)
            assert (done.returncode, status(server, *BOB)) == (0, expected), done.stderr


def test_the_load_costs_one_log_in_for_each_user_and_worker(slapd: SlapdServer, tmp_path: Path) -> None:
    values = {**ldap(slapd), "extraArgs": {"workers": 2}}
    with running(values, data=tmp_path / "data") as server, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda user: status(server, *user), [ANN, BOB] * 60))
        # A log-in shows twice in slapd's log: as it is asked for, and as it is settled.
        binds, searches = slapd.operations('BIND dn="uid='), slapd.operations("SRCH base=")
        for number in range(12):  # on connections of their own, which workers take in turns
            made = create(server, BOB, "experiments", name=f"bob's {number}")
            create(server, BOB, "runs", experiment_id=made["experiment_id"])

    assert found == [200] * 120
    assert 2 <= searches <= 4
    assert binds == 2 * searches


@shows("trustedProxies")
def test_guesses_are_slowed_down_and_keep_nobody_out(slapd: SlapdServer, tmp_path: Path) -> None:
    values = {**ldap(slapd), "trustedProxies": ["127.0.0.0/8"]}
    with running(values, data=tmp_path / "data") as server:

        def guess(number: int, client: str) -> requests.Response:
            headers = {**credentials("ann", f"guess {number}"), "X-Forwarded-For": client}
            return requests.get(f"{server.address}{API}/users/current", headers=headers, timeout=30)

        answers = [guess(number, "203.0.113.6") for number in range(7)]
        asked = slapd.operations('BIND dn="uid=ann')

        assert [answer.status_code for answer in answers[:5]] == [401] * 5
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert status(server, *ANN) == 200
        assert guess(0, "203.0.113.7").status_code == 401
        assert asked <= 6


@pytest.fixture(scope="module")
def short_memory(
    certificate_authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SlapdServer, Running]]:
    """A directory that tests stop, and a server that asks it again after a second."""
    with directory(certificate_authority) as slapd:
        values = ldap(slapd, cacheTtlSeconds=1)
        data = tmp_path_factory.mktemp("short-memory") / "data"
        with running(values, data=data, inner_port=free_port()) as server:
            yield slapd, server


@shows("ldapAuth.readTimeoutSeconds")
@pytest.mark.parametrize(("how", "other"), [("stopped", BOB), ("frozen", TOM)])
def test_users_from_before_go_on_while_the_directory_is_down(
    how: str, other: tuple[str, str], short_memory: tuple[SlapdServer, Running]
) -> None:
    slapd, server = short_memory
    said_before = len(server.log())

    def down() -> str:
        metrics = requests.get(f"{server.inner}/metrics", timeout=30).text
        return "".join(re.findall(r"^flowship_directory_down(?:{.*})? (.*)$", metrics, re.M))

    assert status(server, *ANN) == 200
    over, answers = threading.Event(), list[int]()

    def load() -> None:
        while not over.is_set():
            answers.append(status(server, *ANN))

    with ThreadPoolExecutor(2) as pool:
        loads = [pool.submit(load) for _ in range(2)]
        slapd.stop() if how == "stopped" else slapd.freeze()
        eventually(lambda: down() == "1.0")

        refused = requests.get(f"{server.address}{API}/users/current", headers=credentials(*other), timeout=30)
        ready = requests.get(f"{server.address}/ready", timeout=30).status_code

        slapd.start() if how == "stopped" else slapd.thaw()
        eventually(lambda: status(server, *other) == 200)
        eventually(lambda: down() == "0.0")
        over.set()
        for each in loads:
            each.result()

    said = server.log()[said_before:]
    assert (refused.status_code, ready) == (503, 200)
    assert int(refused.headers["Retry-After"]) > 0
    assert set(answers) == {200}
    assert said.count("the directory cannot be asked (ldap://localhost:") == 1
    assert "the directory answers again" in said


@shows("ldapAuth.cacheTtlSeconds")
def test_changes_in_the_directory_take_effect_within_the_time(short_memory: tuple[SlapdServer, Running]) -> None:
    slapd, server = short_memory
    assert (status(server, *ANN), status(server, *BOB)) == (200, 200)

    slapd.modify(f"cn=test-admin,{GROUPS}", "add", "uniqueMember", person_dn("bob"))
    eventually(lambda: status(server, *BOB) == 200 and users(server)["bob"])
    slapd.modify(f"cn=test-admin,{GROUPS}", "delete", "uniqueMember", person_dn("bob"))
    eventually(lambda: status(server, *BOB) == 200 and not users(server)["bob"])
    slapd.modify(f"cn=test-user,{GROUPS}", "delete", "uniqueMember", person_dn("bob"))
    eventually(lambda: status(server, *BOB) == 403)
    slapd.modify(person_dn("ann"), "replace", "userPassword", "another")
    eventually(lambda: status(server, *ANN) == 401)
    assert status(server, "ann", "another") == 200


@shows("ldapAuth.graceSeconds")
def test_nobody_goes_on_without_a_grace(slapd: SlapdServer, tmp_path: Path) -> None:
    with running(ldap(slapd, cacheTtlSeconds=1, graceSeconds=0), data=tmp_path / "data") as server:
        assert status(server, *ANN) == 200

        slapd.stop()

        eventually(lambda: status(server, *ANN) == 503)


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_permissions_are_kept_beside_runs_in_postgresql_and_in_a_file_beside_mysql(
    kind: str, slapd: SlapdServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fixture = "postgres_database" if kind == "postgres" else "mariadb_database"
    database: Database = request.getfixturevalue(fixture)()
    values = {**ldap(slapd), "backendStore": {kind: database.section()}}

    for _ in range(2 if kind == "postgres" else 1):  # again with tables that are there
        with running(values, data=tmp_path / "data") as server:
            assert [status(server, *user) for user in (ANN, BOB, EVE)] == [200, 200, 403]
            assert users(server) == {"ann": True, "bob": False}

    assert (tmp_path / "data" / "basic_auth.db").exists() is (kind == "mysql")


class TestCheck:
    def check(self, values: dict[str, Any], tmp_path: Path, environ: dict[str, str] | None = None) -> list[str]:
        file = write_values(tmp_path / "values.yaml", values)
        done = run("check", "--live", "--data", str(tmp_path / "data"), "-f", str(file), environ=environ)
        assert done.stderr == ""
        valid, *tried = done.stdout.splitlines()
        assert valid == f"✓ valid: {file}"
        return [line for line in tried if "will be made" not in line]

    def test_it_tells_that_everything_works(
        self, slapd: SlapdServer, certificate_authority: trustme.CA, tmp_path: Path
    ) -> None:
        search = {
            "enabled": True,
            "bindDistinguishedName": SERVICE,
            "bindPassword": slapd.service_password,
            "baseDistinguishedName": SUFFIX,
            "filter": "(uid=%s)",
            "nameAttribute": "uid",
        }
        values = ldap(
            slapd,
            uri=slapd.tls_uri,
            lookupBind="",
            userSearch=search,
            encodedTrustedCACertificate=encoded(certificate_authority),
        )
        environ = {"MLFLOW_TRACKING_USERNAME": ANN[0], "MLFLOW_TRACKING_PASSWORD": ANN[1]}

        assert self.check(values, tmp_path, environ) == [
            f"✓ {slapd.tls_uri}: connected, its certificate is valid",
            f"✓ {slapd.tls_uri}: the service account may log in",
            "✓ ldapAuth.adminGroupDistinguishedName: found",
            "✓ ldapAuth.userGroupDistinguishedName: found",
            "✓ MLFLOW_TRACKING_USERNAME: ann may log in as admin",
            "✓ artifacts: clients send and fetch all files through the server",
        ]

        search["bindPassword"] = "wrong"
        assert "✗" in self.check(values, tmp_path)[1]
        assert "does not let the service account" in self.check(values, tmp_path)[1]

    def test_it_tells_what_is_wrong(self, slapd: SlapdServer, tmp_path: Path) -> None:
        values = ldap(slapd, uri=f"{slapd.uri} {slapd.tls_uri}", userGroupDistinguishedName="test-user")
        environ = {"MLFLOW_TRACKING_USERNAME": EVE[0], "MLFLOW_TRACKING_PASSWORD": EVE[1]}

        found = self.check(values, tmp_path, environ)

        assert f"✓ {slapd.uri}: connected, NOT encrypted: passwords can be read on the way." in found[0]
        assert "not seen without a user's password" in found[1]
        assert "✗ ldapAuth.userGroupDistinguishedName: 'test-user' is not" in found[2]
        assert f"✗ the certificate of {slapd.tls_uri} was signed by nobody who is trusted here" in found[3]
        assert "✗ MLFLOW_TRACKING_USERNAME: the password is right, but this user is in neither group" in found[4]

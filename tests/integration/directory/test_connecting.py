"""How a real OpenLDAP is connected to: TLS in each way, and what is said when it cannot be."""

from __future__ import annotations

import contextlib
import datetime
import socket
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from flowship.auth.authenticator import Credentials, Identity, Verified
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory
from flowship.auth.methods.ldap.errors import DirectoryDownError
from flowship.auth.methods.ldap.settings import DirectorySettings
from tests.calm import calm
from tests.effects import shows
from tests.integration.directory.conftest import ADMINS, PASSWORD, plain
from tests.integration.servers.process import LOOPBACK, free_port
from tests.integration.servers.slapd import SlapdServer, group, person, person_dn

Settings = Callable[..., DirectorySettings]

ANN = Credentials("ann", PASSWORD)
ADMIN = Verified(Identity("ann", is_admin=True))
OTHER_CA = trustme.CA().cert_pem.bytes().decode()


def refusal(settings: DirectorySettings) -> str:
    with pytest.raises(DirectoryDownError) as error:
        login.verify(Directory(settings), ANN)
    return str(error.value)


@shows("ldapAuth.startTLS", "ldapAuth.tlsVerification")
@pytest.mark.parametrize("verification", ["required", "optional", "none"])
@pytest.mark.parametrize("how", ["plain", "StartTLS", "ldaps"])
def test_passwords_go_in_each_way(settings: Settings, slapd: SlapdServer, how: str, verification: str) -> None:
    uri = slapd.tls_uri if how == "ldaps" else slapd.uri
    changed = settings(uris=(uri,), start_tls=how == "StartTLS", verification=verification)

    assert login.verify(Directory(changed), ANN) == ADMIN


@pytest.mark.parametrize("start_tls", [True, False])
class TestCertificates:
    def changes(self, slapd: SlapdServer, start_tls: bool, host: str = "localhost") -> dict[str, Any]:
        uri = slapd.uri if start_tls else slapd.tls_uri
        return {"uris": (uri.replace("localhost", host),), "start_tls": start_tls}

    @pytest.mark.parametrize("verification", ["required", "optional"])
    def test_another_ca(self, settings: Settings, slapd: SlapdServer, start_tls: bool, verification: str) -> None:
        changed = settings(ca=OTHER_CA, verification=verification, **self.changes(slapd, start_tls))

        assert "was signed by nobody who is trusted here" in refusal(changed)
        assert "give the certificate of its CA in ldapAuth.encodedTrustedCACertificate or" in refusal(changed)

    def test_another_host(self, settings: Settings, slapd: SlapdServer, start_tls: bool) -> None:
        changed = settings(**self.changes(slapd, start_tls, LOOPBACK))

        assert "is for another host; write a name that it holds in ldapAuth.uri" in refusal(changed)

    def test_nothing_is_checked_where_nobody_asks(
        self, settings: Settings, slapd: SlapdServer, start_tls: bool
    ) -> None:
        changed = settings(ca=OTHER_CA, verification="none", **self.changes(slapd, start_tls, LOOPBACK))

        assert login.verify(Directory(changed), ANN) == ADMIN

    def test_an_expired_one(self, certificate_authority: trustme.CA, start_tls: bool) -> None:
        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        with SlapdServer(certificate_authority.issue_cert("localhost", not_after=past)) as server:
            changed = {**plain("", certificate_authority), **self.changes(server, start_tls)}

            assert "has expired; renew it there" in refusal(DirectorySettings.model_validate(changed))


def test_a_server_without_start_tls_is_sent_no_password(certificate_authority: trustme.CA) -> None:
    with SlapdServer() as server:
        changed = {**plain(server.uri, certificate_authority), "start_tls": True}

        sentence = refusal(DirectorySettings.model_validate(changed))

        assert "cannot encrypt connections by StartTLS, so it was sent no password" in sentence
        assert "set ldapAuth.startTLS: false" in sentence
        assert server.operations('BIND dn="uid') == 0


def test_the_first_server_that_answers_is_asked(settings: Settings, slapd: SlapdServer) -> None:
    gone = f"ldap://localhost:{free_port()}"

    assert login.verify(Directory(settings(uris=(gone, slapd.uri))), ANN) == ADMIN


def test_each_server_that_cannot_be_reached_is_told(settings: Settings, slapd: SlapdServer) -> None:
    gone = f"ldap://localhost:{free_port()}"
    changed = settings(uris=(gone, "ldap://directory.invalid", slapd.uri.replace("ldap:", "ldaps:")))

    sentences = refusal(changed).split("; ldap")

    assert f"{gone} refuses connections; is the directory running" in sentences[0]
    assert "host name of ldap://directory.invalid is not known" in refusal(changed)
    assert "does not speak TLS" in refusal(changed)


def test_one_that_failed_is_tried_last_for_a_while(settings: Settings, slapd: SlapdServer) -> None:
    with socket.create_server((LOOPBACK, 0)) as hung:  # accepts, and says nothing
        directory = Directory(settings(uris=(f"ldaps://localhost:{hung.getsockname()[1]}", slapd.uri), read_timeout=1))
        assert login.verify(directory, ANN) == ADMIN
        began = calm()

        assert login.verify(directory, ANN) == ADMIN

        assert calm() - began < 1


@shows("ldapAuth.connectTimeoutSeconds")
def test_a_server_that_cannot_be_connected_to_costs_the_time_out(settings: Settings) -> None:
    with socket.create_server((LOOPBACK, 0), backlog=1) as full, contextlib.ExitStack() as waiting:
        for _ in range(3):  # nobody takes them, until the kernel takes no more
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        uri = f"ldap://{LOOPBACK}:{full.getsockname()[1]}"
        began = calm()

        assert f"{uri} does not answer within 1 seconds" in refusal(settings(uris=(uri,), connect_timeout=1))

        assert calm() - began < 5


@pytest.mark.parametrize("how", ["plain", "StartTLS", "ldaps"])
def test_a_frozen_server_costs_the_time_out_and_no_more(certificate_authority: trustme.CA, how: str) -> None:
    with SlapdServer(certificate_authority.issue_cert("localhost")) as server:
        server.add([person("ann", PASSWORD), group("admins", [person_dn("ann")])])
        uri = server.tls_uri if how == "ldaps" else server.uri
        changed = {**plain(uri, certificate_authority), "start_tls": how == "StartTLS", "read_timeout": 1}
        directory = Directory(DirectorySettings.model_validate(changed))
        assert login.verify(directory, ANN) == ADMIN
        server.freeze()
        began = calm()

        with pytest.raises(DirectoryDownError, match="does not answer"):
            login.verify(directory, ANN)

        assert calm() - began < 5
        server.thaw()
        assert login.verify(directory, ANN) == ADMIN
        assert ADMINS in str(directory.settings)

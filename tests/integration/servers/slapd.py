"""OpenLDAP's slapd, as Debian packages it."""

from __future__ import annotations

import base64
import secrets
import subprocess
from typing import TYPE_CHECKING, ClassVar

from tests.integration.servers.process import Server, find_program, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import trustme

SUFFIX = "dc=mlflow,dc=test"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
ROOT = f"cn=root,{SUFFIX}"
SERVICE = f"cn=service,{SUFFIX}"

# Anonymous users may log in and read nothing, as careful directories have it.
CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {directory}/slapd.pid
sizelimit unlimited
{tls}
database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw {password}
directory {directory}/data
maxsize 1073741824
dbnosync
index objectClass,uid,member,uniqueMember,memberUid eq
overlay memberof
memberof-refint TRUE
access to attrs=userPassword by anonymous auth by * none
access to * by anonymous auth by * read
"""


class SlapdServer(Server):
    """A directory of its own, with people and groups below `SUFFIX`; with a certificate, by StartTLS and `ldaps://`."""

    name = "slapd"
    user: ClassVar[str | None] = "openldap"

    def __init__(self, certificate: trustme.LeafCert | None = None, *, entries: Sequence[str] = ()) -> None:
        super().__init__()
        self.tls_port = free_port()
        self.password = secrets.token_hex(16)
        self.service_password = f'{secrets.token_hex(4)} ,=+"\\é密{secrets.token_hex(4)}'
        self._certificate = certificate
        self._entries = [*base(), person("service", self.service_password, dn=SERVICE), *entries]

    @property
    def uri(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def tls_uri(self) -> str:
        return f"ldaps://localhost:{self.tls_port}"

    def prepare(self) -> None:
        data = self.directory / "data"
        data.mkdir()
        self.own(data)
        tls = ""
        if self._certificate is not None:
            file = self.directory / "server.pem"
            self._certificate.private_key_and_cert_chain_pem.write_to_path(str(file))
            file.chmod(0o600)
            self.own(file)
            tls = f"TLSCertificateFile {file}\nTLSCertificateKeyFile {file}"
        text = CONFIGURATION.format(
            directory=self.directory,
            tls=tls,
            suffix=SUFFIX,
            root=ROOT,
            password=self.password,
        )
        configuration = self.directory / "slapd.conf"
        configuration.write_text(text)
        configuration.chmod(0o600)
        self.own(configuration)
        self._load()

    def command(self) -> list[str]:
        urls = f"ldap://{self.host}:{self.port}/"
        if self._certificate is not None:
            urls += f" ldaps://{self.host}:{self.tls_port}/"
        configuration = str(self.directory / "slapd.conf")
        return [find_program("slapd"), "-f", configuration, "-h", urls, "-d", "stats"]

    def ask(self) -> None:
        url = f"ldap://{self.host}:{self.port}"
        whoami = [find_program("ldapwhoami"), "-x", "-H", url, "-o", "nettimeout=5"]
        subprocess.run(whoami, check=True, capture_output=True, timeout=10)

    def _load(self) -> None:
        """Add the first entries before it runs: thousands in a second."""
        file = self.directory / "entries.ldif"
        file.write_text("\n".join(self._entries))
        self.own(file)
        self.run([find_program("slapadd"), "-f", str(self.directory / "slapd.conf"), "-l", str(file), "-q"])

    def add(self, entries: Sequence[str]) -> None:
        """Add entries while it runs."""
        self._client("ldapadd", "\n".join(entries))

    def modify(self, dn: str, operation: str, attribute: str, value: str) -> None:
        """Add, delete or replace a value of an attribute."""
        text = [_line("dn", dn), "changetype: modify", f"{operation}: {attribute}", _line(attribute, value), ""]
        self._client("ldapmodify", "\n".join(text))

    def delete(self, dn: str) -> None:
        """Delete an entry."""
        self._client("ldapmodify", "\n".join([_line("dn", dn), "changetype: delete", ""]))

    def operations(self, name: str) -> int:
        """How many lines of its log begin an operation in this way, such as `SRCH base=`."""
        return self.log.read_text(errors="replace").count(f" {name}")

    def _client(self, program: str, ldif: str) -> None:
        secret = self.directory / "root-password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        command = [find_program(program), "-x", "-H", self.uri, "-D", ROOT, "-y", str(secret)]
        done = subprocess.run(command, input=ldif, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def entry(dn: str, attributes: Mapping[str, str | Sequence[str]]) -> str:
    """An entry in LDIF."""
    lines = [_line("dn", dn)]
    for name, values in attributes.items():
        lines += [_line(name, value) for value in ([values] if isinstance(values, str) else values)]
    return "\n".join([*lines, ""])


def base() -> list[str]:
    """The entries above people and groups."""
    return [
        entry(SUFFIX, {"objectClass": ["dcObject", "organization"], "dc": "mlflow", "o": "Test"}),
        entry(PEOPLE, {"objectClass": "organizationalUnit", "ou": "people"}),
        entry(GROUPS, {"objectClass": "organizationalUnit", "ou": "groups"}),
    ]


def person_dn(uid: str) -> str:
    """The DN of a person, escaped as RFC 4514 has it: in another way than the code that is tested."""
    special = {letter: f"\\{letter}" for letter in ',+"\\<>;='}
    escaped = "".join(special.get(letter, letter) for letter in uid)
    if escaped[:1] in ("#", " "):
        escaped = f"\\{escaped}"
    return f"uid={escaped},{PEOPLE}"


def person(uid: str, password: str, *, dn: str | None = None) -> str:
    """A person with a password, which slapd keeps as it is: a hash of a thousand would take a minute."""
    attributes = {"objectClass": ["inetOrgPerson"], "uid": uid, "cn": uid, "sn": uid, "userPassword": password}
    if dn is not None:
        attributes["cn"] = dn.partition("=")[2].partition(",")[0]
    return entry(dn or person_dn(uid), attributes)


def group(name: str, members: Sequence[str], *, kind: str = "groupOfUniqueNames") -> str:
    """A group of one of the common kinds, with members by DN, or for `posixGroup` by name."""
    attribute = {"groupOfUniqueNames": "uniqueMember", "groupOfNames": "member", "posixGroup": "memberUid"}[kind]
    more = {"gidNumber": "1000"} if kind == "posixGroup" else {}
    return entry(f"cn={name},{GROUPS}", {"objectClass": kind, "cn": name, attribute: list(members), **more})


def _line(name: str, value: str) -> str:
    # Base64 holds everything; LDIF breaks no line that is not told to.
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"

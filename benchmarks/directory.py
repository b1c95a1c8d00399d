"""What users of an LDAP directory cost: Flowship without auth, with warm caches, and asking in each request.

The directory is a real OpenLDAP on the same machine. Its users are no admins; they may edit the experiments by
permissions that MLflow keeps, so that each request costs both: who it is, and what they may do.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.calls import CALLS, Caller
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import first_line
from benchmarks.rest import wait_for_rest
from benchmarks.rounds import FLOWSHIP, order, sample
from benchmarks.seeding import add_users
from benchmarks.sides import Flowship, running
from benchmarks.users import User
from benchmarks.workers import connected
from tests.integration.servers.slapd import GROUPS, PEOPLE, SlapdServer, group, person, person_dn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.http1 import Connection
    from benchmarks.session import Session
    from benchmarks.sides import MlflowServer

FLOWSHIP_LDAP = "Flowship, LDAP"
FLOWSHIP_ASKING = "Flowship, LDAP asked in each request"

MEASURES = {call: f"{call}, directory" for call in CALLS}
"""The calls that are measured, and what their samples are kept as."""

LOG_IN = 'BIND dn="uid='
"""What slapd logs, twice for each, when a user logs in."""


@dataclass(frozen=True)
class Contestant:
    """Flowship, with or without the directory."""

    name: str
    ldap: Mapping[str, Any] | None
    """What it says of the directory beside where it is; None without authentication."""
    warm: bool = True
    """Whether all its workers know all users before it is measured; without users, they answer as many requests."""


CONTESTANTS = (
    Contestant(FLOWSHIP, None),
    Contestant(FLOWSHIP_LDAP, {}),
    Contestant(FLOWSHIP_ASKING, {"cacheTtlSeconds": 0, "graceSeconds": 0}, warm=False),
)


def measure(session: Session) -> None:
    """All rounds, as those of `benchmarks.rounds`."""
    users = [User(f"directory-user-{number}") for number in range(session.plan.directory_users)]
    entries = [person(user.name, user.password) for user in users]
    groups = [group("users", [person_dn(user.name) for user in users])]
    session.report("users of a directory and their permissions")
    with SlapdServer(entries=[*entries, *groups]) as slapd, session.setup("basic") as setup:
        with session.running(Flowship, setup) as server:
            asyncio.run(add_users(server.port, users, session.subject))
        known = session.beginning_with(setup.databases)
        for number in range(session.plan.rounds):
            for contestant in order(number, CONTESTANTS):
                session.report(f"round {number + 1} of {session.plan.rounds}: {contestant.name}")
                _run(known, contestant, slapd, users)


def _run(session: Session, contestant: Contestant, slapd: SlapdServer, users: Sequence[User]) -> None:
    plan, name = session.plan, contestant.name
    asks = contestant.ldap is not None
    with session.setup("directory" if asks else "open") as setup:
        if contestant.ldap is None:
            begun = session.running(Flowship, setup)
        else:
            begun = running(Flowship, replace(setup, ldap={**_directory(slapd), **contestant.ldap}))
        with begun as server:
            if not wait_for_rest(server.tree.cpu_seconds, plan.quiet_seconds, plan.rest_limit).reached:
                session.results.notes.append(f"{name} was not at rest {plan.rest_limit:.0f} s after its start")
            callers = [
                Caller(number, session.subject, plan, _turned(users, number, plan.connections) if asks else [None])
                for number in range(plan.connections)
            ]
            if contestant.warm:
                asyncio.run(_warm(session, server, callers))
            before = slapd.operations(LOG_IN)
            calls = {measure: CALLS[call] for call, measure in MEASURES.items()}
            sample(session, server, name, callers, calls, warm=contestant.warm)
    asked = (slapd.operations(LOG_IN) - before) // 2
    session.results.add("log-ins at the directory under load", name, asked)
    if contestant.warm and asked:
        session.results.notes.append(f"{name} asked the directory {asked} times although its caches were warm")


def _directory(slapd: SlapdServer) -> dict[str, Any]:
    return {
        "uri": slapd.uri,
        "lookupBind": f"uid=%s,{PEOPLE}",
        "searchBaseDistinguishedName": GROUPS,
        "adminGroupDistinguishedName": f"cn=admins,{GROUPS}",
        "userGroupDistinguishedName": f"cn=users,{GROUPS}",
    }


def _turned(users: Sequence[User], number: int, connections: int) -> list[User]:
    """All users, with another one first on each connection."""
    start = number * len(users) // connections
    return [*users[start:], *users[:start]]


async def _warm(session: Session, server: MlflowServer, callers: Sequence[Caller]) -> None:
    """Let every worker verify every user, and see each run that is read or written; as much work without users."""
    users = session.plan.directory_users
    # Each connection writes to a run of its own, and begins with other users: together they are all.
    share = math.ceil(users / len(callers))
    written = [sent for caller in callers for sent in itertools.islice(CALLS["log-metric"](caller), share)]
    read = itertools.islice(CALLS["runs/get"](callers[0]), math.lcm(users, len(session.subject.runs)))
    requests = [*written, *read]
    async with connected(server.tree, server.port, session.plan.workers) as connections:
        await asyncio.gather(*(_ask(connection, requests) for connection in connections.values()))


async def _ask(connection: Connection, requests: Sequence[bytes]) -> None:
    for sent in requests:
        answer = await connection.exchange(sent)
        if answer.status != HTTPStatus.OK:
            raise BenchmarkError(f"{first_line(sent)} was answered {answer.status}: {answer.body[:300]!r}")

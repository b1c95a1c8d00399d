"""What users cost: Flowship with users whom MLflow keeps, or an LDAP directory, beside itself without any.

The servers of a round run side by side and are asked in turn, one kind of request after the other: what drifts on the
machine meets all alike, and the differences are small. The directory is a real OpenLDAP on the same machine. Plain
users may edit the experiments by permissions that MLflow keeps, so that each request costs both: who it is, and what
they may do.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.calls import CALLS, Caller
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import first_line
from benchmarks.rounds import FLOWSHIP, FLOWSHIP_ADMIN, order, sample
from benchmarks.seeding import add_users
from benchmarks.sides import Flowship, running
from benchmarks.users import ADMIN, User
from benchmarks.workers import connected
from tests.integration.servers.slapd import GROUPS, PEOPLE, SlapdServer, group, person, person_dn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.http1 import Connection
    from benchmarks.session import Session
    from benchmarks.sides import Access, MlflowServer

FLOWSHIP_PLAIN = "Flowship, basic auth, plain users"
FLOWSHIP_LDAP = "Flowship, LDAP"
FLOWSHIP_ASKING = "Flowship, LDAP asked in each request"

MEASURES = {call: f"{call}, with users" for call in CALLS}
"""The calls that are measured, and what their samples are kept as."""

LOG_IN = 'BIND dn="uid='
"""What slapd logs, twice for each, when a user logs in."""

PLAIN_USERS: Sequence[User | None] = ()
"""Stands for all plain users of the plan."""


@dataclass(frozen=True)
class Kept:
    """A server of a round, and who asks it, by the name under which the samples are kept."""

    access: Access
    senders: Mapping[str, Sequence[User | None]]
    ldap: Mapping[str, Any] = field(default_factory=dict)
    """What it says of the directory beside where it is."""
    warm: bool = True
    """Whether all its workers know all users before it is measured; without users, they answer as many requests."""


SERVERS = (
    Kept("open", {FLOWSHIP: (None,)}),
    Kept("basic", {FLOWSHIP_ADMIN: (ADMIN,), FLOWSHIP_PLAIN: PLAIN_USERS}),
    Kept("directory", {FLOWSHIP_LDAP: PLAIN_USERS}),
    Kept("directory", {FLOWSHIP_ASKING: PLAIN_USERS}, {"cacheTtlSeconds": 0, "graceSeconds": 0}, warm=False),
)


@dataclass(frozen=True)
class Contestant:
    """Who asks which server."""

    name: str
    server: MlflowServer
    callers: Sequence[Caller]
    warm: bool


def measure(session: Session) -> None:
    """All rounds, as those of `benchmarks.rounds`."""
    users = [User(f"benchmark-user-{number}") for number in range(session.plan.users)]
    entries = [person(user.name, user.password) for user in users]
    groups = [group("users", [person_dn(user.name) for user in users])]
    session.report("users and their permissions")
    with SlapdServer(entries=[*entries, *groups]) as slapd, session.setup("basic") as setup:
        with session.running(Flowship, setup) as server:
            asyncio.run(add_users(server.port, users, session.subject))
        known = session.beginning_with(setup.databases)
        for number in range(session.plan.rounds):
            session.report(f"round {number + 1} of {session.plan.rounds}: Flowship with users and without")
            with _contestants(known, slapd, users) as contestants:
                _sample_in_turn(known, slapd, [*order(number, contestants)])


@contextmanager
def _contestants(session: Session, slapd: SlapdServer, users: Sequence[User]) -> Iterator[list[Contestant]]:
    """Start all servers, and let them come to rest."""
    plan = session.plan
    with ExitStack() as until_the_end:
        found = []
        for kept in SERVERS:
            server = until_the_end.enter_context(_running(session, kept, slapd))
            for name, senders in kept.senders.items():
                callers = [
                    Caller(number, session.subject, plan, senders or _turned(users, number, session))
                    for number in range(plan.connections)
                ]
                found.append(Contestant(name, server, callers, kept.warm))
        for server, name in {each.server: each.name for each in found}.items():
            session.wait_for_rest(server, name)
        yield found


@contextmanager
def _running(session: Session, kept: Kept, slapd: SlapdServer) -> Iterator[MlflowServer]:
    with session.setup(kept.access) as setup:
        if kept.access == "directory":  # which the servers that parts share know nothing of
            begun = running(Flowship, replace(setup, ldap={**_directory(slapd), **kept.ldap}))
        else:
            begun = session.running(Flowship, setup)
        with begun as server:
            yield server


def _sample_in_turn(session: Session, slapd: SlapdServer, contestants: Sequence[Contestant]) -> None:
    asked = dict.fromkeys((contestant.name for contestant in contestants), 0)
    for call, measured in MEASURES.items():
        for contestant in contestants:
            if contestant.warm:
                asyncio.run(_warm(session, contestant))  # what workers know of users lasts a minute
            before = slapd.operations(LOG_IN)
            calls = {measured: CALLS[call]}
            sample(session, contestant.server, contestant.name, contestant.callers, calls, warm=contestant.warm)
            asked[contestant.name] += (slapd.operations(LOG_IN) - before) // 2
    for contestant in contestants:
        name, times = contestant.name, asked[contestant.name]
        session.results.add("log-ins at the directory under load", name, times)
        if contestant.warm and times:
            session.results.notes.append(f"{name} asked the directory {times} times although its caches were warm")


def _directory(slapd: SlapdServer) -> dict[str, Any]:
    return {
        "uri": slapd.uri,
        "lookupBind": f"uid=%s,{PEOPLE}",
        "searchBaseDistinguishedName": GROUPS,
        "adminGroupDistinguishedName": f"cn=admins,{GROUPS}",
        "userGroupDistinguishedName": f"cn=users,{GROUPS}",
    }


def _turned(users: Sequence[User], number: int, session: Session) -> list[User]:
    """All users, with another one first on each connection."""
    start = number * len(users) // session.plan.connections
    return [*users[start:], *users[:start]]


async def _warm(session: Session, contestant: Contestant) -> None:
    """Let every worker verify every user, and see each run that is read or written; as much work without users."""
    server, callers, users = contestant.server, contestant.callers, session.plan.users
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

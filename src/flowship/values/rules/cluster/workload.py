"""What may not be combined in the keys that only Kubernetes acts on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowship.values.model.cluster.exposure import EXAMPLE_HOST
from flowship.values.rules.language.conditions import above, any_given, below_sum, given, has_key, larger, matches
from flowship.values.rules.language.list_conditions import some_item
from flowship.values.rules.language.rule import Rule
from flowship.values.rules.storage.stores import DATABASES, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARED_DISK = matches("persistence.accessMode", r"^ReadWriteMany\z")
_FROM_OUTSIDE_WITH_MYSQL = any_given("ldapAuth.enabled", "oidcAuth.enabled") & any_given(
    "backendStore.mysql.enabled", "mysql.enabled"
)
_USERS_IN_SQLITE = (given("auth.enabled") | _FROM_OUTSIDE_WITH_MYSQL) & ~given("auth.postgres.enabled")
IN_THE_DATA_DIRECTORY = matches("auth.sqliteFullPath", r"^\z|^/var/lib/flowship(/|\z)")

SQLITE = ~any_given(*DATABASES) | _USERS_IN_SQLITE
"""A SQLite file is used."""
DATA_ON_DISK = (
    ~any_given(*DATABASES)
    | ~any_given(*STORES)
    | given("backendStore.fromSQLite")
    | (_USERS_IN_SQLITE & IN_THE_DATA_DIRECTORY)
)
"""The data directory keeps something, so it needs a volume."""

SELECTORS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance")
"""The labels by which the Service and the Deployment find their pods."""


def pods() -> Iterator[Rule]:
    """Several pods share all state; what is written has an effect."""
    yield from _replicas()
    yield from _ends()
    yield from _reaching()
    for label in SELECTORS:
        yield Rule(
            ("podLabels",),
            has_key("podLabels", label),
            f"sets {label}, by which the Service finds its pods. Remove it, or write nameOverride.",
        )
    yield Rule(
        ("serviceAccount.annotations", "serviceAccount.create"),
        given("serviceAccount.annotations") & ~given("serviceAccount.create"),
        "the first would do nothing, because serviceAccount.create is false. Annotate your own ServiceAccount, or set "
        "that to true.",
    )


def _reaching() -> Iterator[Rule]:
    yield Rule(
        ("ingress.hosts", "ingress.enabled"),
        given("ingress.enabled") & ~given("ingress.hosts"),
        "the first is empty, but ingress.enabled is true. Write at least one host.",
    )
    for key, what in {"parentRefs": "the Gateway that it belongs to", "hostnames": "at least one host name"}.items():
        yield Rule(
            (f"httpRoute.{key}", "httpRoute.enabled"),
            given("httpRoute.enabled") & ~given(f"httpRoute.{key}"),
            f"the first is empty, but httpRoute.enabled is true. Write {what}.",
        )
    yield Rule(
        ("ingress.hosts", "allowedHosts"),
        given("ingress.enabled") & some_item("ingress.hosts", "host", r"^\z") & ~given("allowedHosts"),
        "an item of the first has an empty host, so requests come in under any name, of which MLflow refuses those "
        "that no list names. Write the host, or the names in allowedHosts; `*` there allows every name.",
    )
    yield Rule(
        ("ingress.hosts",),
        given("ingress.enabled") & some_item("ingress.hosts", "host", rf"^{re.escape(EXAMPLE_HOST)}\z"),
        f"still has the host of the example, {EXAMPLE_HOST}, under which nobody finds the server. Write the name that "
        "people will use, such as `mlflow.example.com`.",
        in_pods=True,
    )
    yield Rule(
        ("ingress.hosts",),
        given("ingress.enabled") & some_item("ingress.hosts", "host", r"[^A-Za-z0-9.*_-]"),
        "holds an item whose host is not a host name. Write names such as `mlflow.example.com` or `*.example.com`, "
        "without scheme, port or path.",
    )
    ports = ("service.port", "service.metricsPort")
    yield Rule(
        ports,
        given(*ports) & ~larger(*ports) & ~larger(*reversed(ports)),
        "the two are equal, but the Service has both ports. Change one of them.",
    )


def _ends() -> Iterator[Rule]:
    keys = ("terminationGracePeriodSeconds", "server.drainDelaySeconds", "server.shutdownTimeoutSeconds")
    yield Rule(
        keys,
        below_sum(*keys),
        "the first is smaller than the others together, so a pod would be killed before running requests have ended. "
        "Raise it, lower them, or set it to 0.",
    )
    yield Rule(
        ("strategy.type", "persistence.accessMode"),
        matches("strategy.type", r"^RollingUpdate\z") & _SHARED_DISK & SQLITE,
        "pods on several nodes would write one SQLite file at once during an update, which can destroy it. Empty the "
        "first.",
    )
    yield Rule(
        ("strategy.type", "backendStore.fromSQLite"),
        matches("strategy.type", r"^RollingUpdate\z") & given("backendStore.fromSQLite"),
        "the old pod would write the SQLite files while the new one moves them, and what it writes then would be lost. "
        "Empty the first.",
    )


def _replicas() -> Iterator[Rule]:
    many = above("replicaCount", 1) | given("autoscaling.enabled")
    keys = ("replicaCount", "autoscaling.enabled")
    yield Rule(
        keys,
        many & ~any_given(*DATABASES),
        "several pods need a database that they share. Enable one of backendStore.postgres, backendStore.mysql, "
        "postgresql or mysql, or keep one replica.",
    )
    yield Rule(
        keys,
        many & ~(any_given(*STORES) | _SHARED_DISK),
        "several pods need artifacts that they share. Enable one of artifactRoot.s3, artifactRoot.gcs or "
        "artifactRoot.azureBlob, set persistence.accessMode to ReadWriteMany, or keep one replica.",
    )
    yield Rule(
        keys,
        many & given("auth.enabled") & ~given("auth.postgres.enabled"),
        "several pods need users and permissions that they share. Enable auth.postgres, or keep one replica.",
    )
    yield Rule(
        keys,
        many & _FROM_OUTSIDE_WITH_MYSQL & ~given("auth.postgres.enabled"),
        "several pods need permissions that they share, and MLflow cannot keep them in MySQL. Enable auth.postgres, or "
        "keep one replica.",
    )
    yield Rule(
        ("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        larger("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        "the first is larger than the second. Lower the first, or raise the second.",
    )

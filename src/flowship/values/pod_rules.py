"""What may not be combined in the keys that only Kubernetes acts on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.conditions import All, Exceeds, Given, Matches, MoreThan, Not, Some
from flowship.values.rule import Rule
from flowship.values.store_rules import DATABASES, STORES

if TYPE_CHECKING:
    from collections.abc import Iterator


def pods() -> Iterator[Rule]:
    """Several pods share all state; what is written has an effect."""
    yield from _replicas()
    yield Rule(
        ("image.repository",),
        Matches("image.repository", r"(^|/)burakince/mlflow\z"),
        "is the image of the chart that Flowship replaces, and has no Flowship in it. Remove the key, or write the "
        "name of an image that holds Flowship.",
    )
    yield Rule(
        ("serviceAccount.annotations", "serviceAccount.create"),
        All(Given("serviceAccount.annotations"), Not(Given("serviceAccount.create"))),
        "the first would do nothing, because serviceAccount.create is false. Annotate your own ServiceAccount, or set "
        "that to true.",
    )
    yield Rule(
        ("ingress.hosts", "ingress.enabled"),
        All(Given("ingress.enabled"), Not(Given("ingress.hosts"))),
        "the first is empty, but ingress.enabled is true. Write at least one host.",
    )


def _replicas() -> Iterator[Rule]:
    many = Some(MoreThan("replicaCount", 1), Given("autoscaling.enabled"))
    keys = ("replicaCount", "autoscaling.enabled")
    yield Rule(
        keys,
        All(many, Not(Some(*map(Given, DATABASES)))),
        "several pods need a database that they share. Enable one of backendStore.postgres, backendStore.mysql, "
        "postgresql or mysql, or keep one replica.",
    )
    yield Rule(
        keys,
        All(many, Not(Some(*map(Given, STORES)))),
        "several pods need artifacts that they share. Enable one of artifactRoot.s3, artifactRoot.gcs or "
        "artifactRoot.azureBlob, or keep one replica.",
    )
    yield Rule(
        keys,
        All(many, Given("auth.enabled"), Not(Given("auth.postgres.enabled"))),
        "several pods need users and permissions that they share. Enable auth.postgres, or keep one replica.",
    )
    yield Rule(
        keys,
        All(
            many,
            Given("ldapAuth.enabled"),
            Some(Given("backendStore.mysql.enabled"), Given("mysql.enabled")),
            Not(Given("auth.postgres.enabled")),
        ),
        "several pods need permissions that they share, and MLflow cannot keep them in MySQL. Enable auth.postgres, or "
        "keep one replica.",
    )
    yield Rule(
        ("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        Exceeds("autoscaling.minReplicas", "autoscaling.maxReplicas"),
        "the first is larger than the second. Lower the first, or raise the second.",
    )

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.keys import lookup
from flowship.values.model.root import Values
from flowship.values.reading.reading import defaults
from flowship.values.reading.unresolved import unresolved

if TYPE_CHECKING:
    from tests.unit.values.conftest import Read, Refused

POSTGRES = "backendStore: {postgres: {enabled: true, host: db, database: m%s}}\n"
SECRET = "backendStore: {existingDatabaseSecret: {name: login}, %s: {enabled: true, host: db, database: m}}\n"


def test_no_values_are_the_defaults(reads: Read) -> None:
    reading = reads()

    assert reading.values == Values()
    assert not reading.variables
    assert reading.unused_here() == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("auth.appName", ""),
        ("flaskServerSecretKey", ""),
        ("strategy.type", ""),
        ("backendStore.postgres.driver", ""),
        ("backendStore.databaseMigration", False),
        ("serviceMonitor.targetLabels", []),
        ("autoscaling.metrics", []),
        ("resources", {}),
        ("serviceMonitor.labels", {}),
        ("extraArgs", {}),
        ("extraEnvVars", {}),
        ("backendStore.postgres.port", 5432),
        ("replicaCount", 1),
        ("strategy.rollingUpdate.maxSurge", "100%"),
        ("image.pullPolicy", "IfNotPresent"),
        ("auth.defaultPermission", "READ"),
        ("postgresql.architecture", "standalone"),
        ("global", {}),
        ("backendStore.existingDatabaseSecret", {"name": "", "usernameKey": "", "passwordKey": ""}),
        ("serviceAccount", {"create": False, "name": "", "annotations": {}, "automount": ""}),
        ("postgresql.primary.service", {"ports": {"postgresql": 5432}}),
    ],
)
def test_null_removes_a_default_as_templates_see_it_and_keeps_a_number_or_a_choice(
    reads: Read, key: str, expected: Any
) -> None:
    for reading in (reads("", f"{key}=null"), reads(f"{'{'.join(f'{part}: ' for part in key.split('.'))}null"
                                                    + "}" * key.count("."))):  # fmt: skip
        values = {**reading.values.model_dump(by_alias=True), "global": reading.values.global_}
        assert lookup(values, key) == expected


def test_null_takes_back_what_an_earlier_file_said(reads: Read) -> None:
    text = "extraArgs: {workers: 4, staticPrefix: /x}\nextraEnvVars: {A: a, B: b}\nserviceMonitor: {labels: {a: b}}\n"
    reading = reads(
        text, "extraArgs.workers=null", "extraArgs.staticPrefix=", "extraEnvVars.A=null", "serviceMonitor.labels=null"
    )

    assert reading.values.extraArgs == {}
    assert "A" not in reading.environ
    assert reading.environ["B"] == "b"
    assert reading.values.serviceMonitor.labels == {}


def test_keys_without_effect_here_are_listed(reads: Read) -> None:
    reading = reads("image: {tag: x}\nauth: {appName: basic-auth}\nreplicaCount: 1\ningress: {enabled: false}\n")

    assert "image" in reading.unused_here()
    assert "replicaCount" in reading.unused_here()
    assert "ingress" not in reading.unused_here()


def test_what_was_read_is_told_on_one_line(reads: Read) -> None:
    found = reads("")
    read = replace(found, loaded=replace(found.loaded, order=("a\x1b\nb.yaml", "c")))

    assert read.described() == r"a\x1b\nb.yaml, c"


def test_defaults_are_plain_data() -> None:
    assert lookup(defaults(), "autoscaling.metrics")[0]["type"] == "Resource"
    assert "global" not in defaults()


@pytest.mark.parametrize(
    ("text", "environ", "sentences"),
    [
        (
            "postgresql: {enabled: true}",
            {},
            ["postgresql.enabled: the chart installs this server; here, set PGHOST to the host of one to use."],
        ),
        ("postgresql: {enabled: true}", {"PGHOST": "db"}, []),
        (
            "mysql: {enabled: true}",
            {"PGHOST": "db"},
            ["mysql.enabled: the chart installs this server; here, set MYSQL_HOST to the host of one to use."],
        ),
        ("mysql: {enabled: true}", {"MYSQL_HOST": "db"}, []),
        (
            "postgresql: {enabled: true, auth: {existingSecret: own}}",
            {"PGHOST": "db"},
            ["postgresql.auth.existingSecret: names a Secret of Kubernetes; here, set PGPASSWORD to what it holds."],
        ),
        ("postgresql: {enabled: true, auth: {existingSecret: own}}", {"PGHOST": "db", "PGPASSWORD": "x"}, []),
        (
            "mysql: {enabled: true, auth: {existingSecret: own}}",
            {"MYSQL_HOST": "db", "PGPASSWORD": "x"},
            ["mysql.auth.existingSecret: names a Secret of Kubernetes; here, set MYSQL_PWD to what it holds."],
        ),
        (
            SECRET % "postgres",
            {"PGPASSWORD": "stray"},
            [
                "backendStore.existingDatabaseSecret.name: names a Secret of Kubernetes; here, set PGUSER and "
                "PGPASSWORD to what it holds."
            ],
        ),
        (SECRET % "postgres", {"PGUSER": "ann", "PGPASSWORD": "x"}, []),
        (
            SECRET % "mysql",
            {"PGUSER": "ann", "PGPASSWORD": "x"},
            [
                "backendStore.existingDatabaseSecret.name: names a Secret of Kubernetes; here, set MYSQL_USERNAME and "
                "MYSQL_PWD to what it holds."
            ],
        ),
        (SECRET % "mysql", {"MYSQL_USERNAME": "ann", "MYSQL_PWD": "x"}, []),
        (
            "artifactRoot: {azureBlob: {enabled: true, container: c, storageAccount: a, existingSecret: {name: own, "
            "accessKeyKey: k}}}",
            {},
            [
                "artifactRoot.azureBlob.existingSecret.name: names a Secret of Kubernetes; here, set "
                "AZURE_STORAGE_ACCESS_KEY to what it holds."
            ],
        ),
        (
            "artifactRoot: {gcs: {enabled: true, bucket: b, existingSecret: {name: own}}}",
            {},
            [
                "artifactRoot.gcs.existingSecret.name: names a Secret of Kubernetes; here, set "
                "GOOGLE_APPLICATION_CREDENTIALS to the path of the file that it holds."
            ],
        ),
        (
            "artifactRoot: {gcs: {enabled: true, bucket: b, existingSecret: {name: own}}}",
            {"GOOGLE_APPLICATION_CREDENTIALS": "/key.json"},
            [],
        ),
        (
            "extraEnvVars: {pgPassword: {valueFrom: {}}}\n" + POSTGRES % ", user: u",
            {},
            ["extraEnvVars.pgPassword.valueFrom: is read by Kubernetes; here, set the variable PGPASSWORD."],
        ),
        ("extraEnvVars: {pgPassword: {valueFrom: {}}}\n" + POSTGRES % ", user: u", {"PGPASSWORD": "x"}, []),
        (
            "extraSecretNamesForEnvFrom: [login]\n" + POSTGRES % "",
            {},
            [
                "extraSecretNamesForEnvFrom: names Secrets of Kubernetes. Set the variables that they hold yourself, "
                "and add --set extraSecretNamesForEnvFrom=null."
            ],
        ),
        (
            "ldapAuth: {enabled: true, uri: ldap://a, lookupBind: '%s', searchBaseDistinguishedName: x, "
            "adminGroupDistinguishedName: cn=x, externalSecretForTrustedCACertificate: ca}",
            {},
            [
                "ldapAuth.externalSecretForTrustedCACertificate: names a Secret of Kubernetes; here, set LDAP_CA to "
                "the file of the certificate."
            ],
        ),
        (
            "ldapAuth: {enabled: true, uri: ldap://a, searchBaseDistinguishedName: x, adminGroupDistinguishedName: x, "
            "externalSecretForTrustedCACertificate: ca, userSearch: {enabled: true, bindDistinguishedName: x, "
            "baseDistinguishedName: x, existingSecret: {name: login}}}",
            {"LDAP_CA": "ca.crt"},
            [
                "ldapAuth.userSearch.existingSecret.name: names a Secret of Kubernetes; here, set "
                "FLOWSHIP_LDAP_BIND_PASSWORD to what it holds."
            ],
        ),
        ("ldapAuth: {externalSecretForTrustedCACertificate: ca}", {}, []),
        ("", {}, []),
    ],
)
def test_what_only_a_cluster_has_is_asked_for_here(
    reads: Read, text: str, environ: dict[str, str], sentences: list[str]
) -> None:
    """Such a key never turns into a silent SQLite."""
    assert [finding.sentence for finding in unresolved(reads(text, environ=environ))] == sentences


def test_what_only_a_cluster_has_is_told_with_its_place(reads: Read) -> None:
    (found,) = unresolved(reads("image: {tag: x}\npostgresql: {enabled: true}\n"))

    assert str(found).endswith("set PGHOST to the host of one to use. (v.yaml:2)")


def test_in_a_pod_the_secrets_must_hold_what_is_missing(reads: Read, refused: Refused) -> None:
    text = "extraSecretNamesForEnvFrom: [login]\n" + POSTGRES % ", user: u"
    reading = reads(text, precedence="win", environ={"PGPASSWORD": "x"})

    assert reading.values.backendStore.postgres.password == "x"
    assert reading.values.extraSecretNamesForEnvFrom == ["login"]
    (found,) = refused(text, precedence="win")
    assert found.startswith("backendStore.postgres.password: is empty")


@pytest.mark.parametrize("names", ["false", "[null]", "{a: b}"])
def test_in_a_pod_the_names_of_secrets_must_have_their_type_too(refused: Refused, names: str) -> None:
    (found,) = refused(f"extraSecretNamesForEnvFrom: {names}", precedence="win")

    assert found.startswith("extraSecretNamesForEnvFrom")


def test_in_a_pod_rules_about_what_only_the_chart_reads_are_left_to_the_chart(reads: Read, refused: Refused) -> None:
    route = "httpRoute: {enabled: true, hostnames: [ml.example.com]}"

    assert reads(route, precedence="win").values.httpRoute.hostnames == ["ml.example.com"]
    assert refused(route)[0].startswith("httpRoute.parentRefs, httpRoute.enabled: the first is empty")

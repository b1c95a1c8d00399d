"""Where secrets go: into one Secret of the chart, or nowhere when the user has Secrets of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chartgen.text_template import ESCAPED
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS
from flowship.values.reading import documents
from tests.chart.rendering import rendered
from tests.effects import shows
from tests.unit.values.access_cases import SEARCHED
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, AZURE, MYSQL, POSTGRES, S3, nested, without
from tests.unit.values.oidc_cases import OIDC

if TYPE_CHECKING:
    from tests.chart.conftest import Render
    from tests.helm import HelmMajor

SECRET = "p@ss/w%rd: #1 \"$HOME\" <ü> 'quoted' \\ \t {{ .Values }} & 漢字"
ALONE = {("Secret", "demo-mlflow-values")}
INGRESS = {"ingress.enabled": True, "ingress.hosts": [{"host": "mlflow.example.com"}]}
GCS = {"artifactRoot.gcs.enabled": True, "artifactRoot.gcs.bucket": "b"}


@pytest.mark.parametrize(
    "values",
    [
        {**POSTGRES, "backendStore.postgres.password": SECRET},
        {**MYSQL, "backendStore.mysql.password": SECRET},
        {**AUTH, "auth.adminPassword": SECRET},
        {**AUTH, **AUTH_POSTGRES, "auth.postgres.password": SECRET},
        {**S3, "artifactRoot.s3.awsAccessKeyId": "id", "artifactRoot.s3.awsSecretAccessKey": SECRET},
        {**AZURE, "artifactRoot.azureBlob.connectionString": SECRET},
        {**AZURE, "artifactRoot.azureBlob.accessKey": SECRET},
        {**SEARCHED, "ldapAuth.userSearch.bindPassword": SECRET},
        {**OIDC, "oidcAuth.clientSecret": SECRET},
        {"flaskServerSecretKey": SECRET},
        {"encryption.previousGatewayPassphrase": SECRET},
        {"encryption.gatewayPassphrase": SECRET},
        {"extraEnvVars": {"PASSWORD": SECRET}},
    ],
    ids=lambda values: list(values)[-1],
)
@shows(
    "backendStore.postgres.password",
    "backendStore.mysql.password",
    "auth.adminPassword",
    "auth.postgres.password",
    "artifactRoot.s3.awsSecretAccessKey",
    "artifactRoot.azureBlob.connectionString",
    "artifactRoot.azureBlob.accessKey",
    "flaskServerSecretKey",
    "encryption.gatewayPassphrase",
    "encryption.previousGatewayPassphrase",
)
def test_a_password_of_the_values_is_in_one_secret_and_nowhere_else(render: Render, values: dict[str, Any]) -> None:
    assert render(values).containing(SECRET) == ALONE


def reference(name: str, key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": name, "key": key}}


INLINE = {
    "oidcAuth": OIDC,
    "backendStore.postgres": POSTGRES,
    "backendStore.mysql": MYSQL,
    "artifactRoot.s3": S3,
    "artifactRoot.azureBlob": AZURE,
    "auth": AUTH,
    "auth.postgres": {**AUTH, **AUTH_POSTGRES},
    "ldapAuth.userSearch": SEARCHED,
    "": {},
}


@pytest.mark.parametrize("secret", EXISTING_SECRETS, ids=lambda secret: secret.used_by or secret.key)
@shows(
    "backendStore.existingDatabaseSecret.name",
    "backendStore.existingDatabaseSecret.usernameKey",
    "backendStore.existingDatabaseSecret.passwordKey",
    "artifactRoot.s3.existingSecret.name",
    "artifactRoot.s3.existingSecret.accessKeyIdKey",
    "artifactRoot.s3.existingSecret.secretAccessKeyKey",
    "artifactRoot.azureBlob.existingSecret.name",
    "artifactRoot.azureBlob.existingSecret.accessKeyKey",
    "artifactRoot.azureBlob.existingSecret.connectionStringKey",
    "auth.existingAdminSecret.name",
    "auth.existingAdminSecret.usernameKey",
    "auth.existingAdminSecret.passwordKey",
    "auth.postgres.existingSecret.name",
    "auth.postgres.existingSecret.usernameKey",
    "auth.postgres.existingSecret.passwordKey",
    "ldapAuth.userSearch.existingSecret.name",
    "ldapAuth.userSearch.existingSecret.passwordKey",
    "oidcAuth.existingSecret.name",
    "oidcAuth.existingSecret.clientSecretKey",
    "existingFlaskSecret.name",
    "existingFlaskSecret.key",
    "encryption.existingSecret.name",
    "encryption.existingSecret.webhookKeyKey",
    "encryption.existingSecret.gatewayPassphraseKey",
)
def test_every_container_gets_what_is_in_a_secret_of_the_users_own(render: Render, secret: Any) -> None:
    values: dict[str, Any] = {"backendStore.databaseConnectionCheck": True, **POSTGRES, **INLINE[secret.used_by]}
    if secret.used_by == "backendStore.mysql":
        values = {"backendStore.databaseConnectionCheck": True, **MYSQL}
    for inline in ("user", "password", "adminUsername", "adminPassword", "bindPassword", "clientSecret"):
        values = without(values, f"{secret.used_by}.{inline}")
    for variable, key in secret.variables.items():
        if secret.one_of:
            only = {f"{secret.key}.{each}": "" for each in secret.variables.values()}
            objects = render({**values, f"{secret.key}.name": "own", **only, f"{secret.key}.{key}": "my-key"})
        else:
            objects = render({**values, f"{secret.key}.name": "own", f"{secret.key}.{key}": "my-key"})
        for step in objects.steps.values():
            assert {"name": variable, "valueFrom": reference("own", "my-key")} in step["env"]
        assert objects.steps.keys() == {"wait", "mlflow"}


@shows("artifactRoot.gcs.existingSecret.name", "artifactRoot.gcs.existingSecret.fileKey")
def test_the_key_file_of_google_is_mounted_from_a_secret(render: Render) -> None:
    objects = render({**GCS, "artifactRoot.gcs.existingSecret": {"name": "own", "fileKey": "sa.json"}})
    folder = "/var/run/secrets/flowship/gcs"

    (volume,) = (each for each in objects.pod["volumes"] if each["name"] == "flowship-gcs")
    assert volume["secret"] == {
        "secretName": "own", "defaultMode": 0o440, "items": [{"key": "sa.json", "path": "key.json"}],
    }  # fmt: skip
    for step in objects.steps.values():
        assert {"name": "GOOGLE_APPLICATION_CREDENTIALS", "value": f"{folder}/key.json"} in step["env"]
        assert {"name": "flowship-gcs", "mountPath": folder, "readOnly": True} in step["volumeMounts"]


@shows("ldapAuth.externalSecretForTrustedCACertificate")
def test_the_certificate_of_the_directory_is_mounted_from_a_secret(render: Render) -> None:
    objects = render(
        {
            "ldapAuth": {
                "enabled": True,
                "uri": "ldaps://ldap",
                "lookupBind": "uid=%s,dc=x",
                "searchBaseDistinguishedName": "dc=x",
                "userGroupDistinguishedName": "cn=users,dc=x",
                "externalSecretForTrustedCACertificate": "external-ca",
            }
        }
    )
    (volume,) = (each for each in objects.pod["volumes"] if each["name"] == "flowship-directory")

    assert volume["secret"]["secretName"] == "external-ca"
    assert {"name": "LDAP_CA", "value": "/certs/ca.crt"} in objects.server["env"]
    assert {"name": "flowship-directory", "mountPath": "/certs", "readOnly": True} in objects.server["volumeMounts"]


def test_the_secret_that_the_old_charts_hook_made_is_read_where_it_is_left(render: Render) -> None:
    objects = render({"extraSecretNamesForEnvFrom": ["mine"]}, release="mlflow")

    for step in objects.steps.values():
        assert step["envFrom"] == [
            {"secretRef": {"name": "mlflow-flask-server-secret-key", "optional": True}},
            {"secretRef": {"name": "mine"}},
        ]
    assert objects.of("Secret", "mlflow-flask-server-secret-key") == []


@shows("extraSecretNamesForEnvFrom")
def test_whole_secrets_reach_every_container(render: Render) -> None:
    objects = render(
        {**POSTGRES, "backendStore.databaseConnectionCheck": True, "extraSecretNamesForEnvFrom": ["a", "b"]}
    )

    for step in objects.steps.values():
        assert [each["secretRef"]["name"] for each in step["envFrom"]][1:] == ["a", "b"]


@shows("extraEnvVars")
def test_a_variable_from_a_source_reaches_every_container_in_upper_case_and_as_written(render: Render) -> None:
    source = {"secretKeyRef": {"name": "own", "key": "token"}}
    objects = render({"extraEnvVars": {"apiToken": {"valueFrom": source}, "PLAIN": "x", "MAP": {"a": 1}}})

    for step in objects.steps.values():
        names = {each["name"]: each.get("valueFrom") for each in step["env"]}
        assert names["apiToken"] == names["APITOKEN"] == source
        assert names.keys().isdisjoint({"PLAIN", "MAP"}), "these may be secrets, and reach it by the file"
    assert objects.pod_values["extraEnvVars"]["MAP"] == {"a": 1}


@pytest.mark.parametrize(
    ("values", "replaced"),
    [
        ({"extraArgs.workers": 8}, True),
        ({"ingress.hosts": [{"host": "other.example.com"}]}, True),
        ({"auth.cacheTtlSeconds": 5}, True),
        ({"ingress.annotations": {"a": "b"}}, False),
        ({"ingress.className": "nginx"}, False),
        ({"service.annotations": {"a": "b"}}, False),
        ({"service.port": 80}, False),
        ({"replicaCount": 0}, False),
        ({"networkPolicy.enabled": True}, False),
        ({"podDisruptionBudget.enabled": True}, False),
        ({"persistence.size": "20Gi"}, False),
        ({"serviceMonitor.interval": "5s"}, False),
        ({"extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}]}, False),
    ],
    ids=lambda value: str(value)[:50],
)
def test_pods_are_replaced_when_what_they_read_changes_and_only_then(values: dict[str, Any], replaced: bool) -> None:
    before = rendered(nested(INGRESS))
    after = rendered(nested({**INGRESS, **values}))

    assert (before.template != after.template) is replaced


def test_rendering_twice_gives_the_same(render: Render) -> None:
    values = {**AUTH, **INGRESS}

    assert render(values).all == render(values).all


def test_a_new_version_of_the_chart_alone_replaces_no_pods() -> None:
    template = rendered().one("Deployment")["spec"]["template"]["metadata"]

    assert set(template["labels"]) == {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance"}


@pytest.mark.parametrize("major", [3, 4])
def test_the_pods_read_every_character_that_helm_reads(major: HelmMajor) -> None:
    """Also those that YAML takes for the end of a line, or refuses, as Helm 3 does itself."""
    escaped = [each for each in ESCAPED if major == 4 or each in "\x85\ufeff"]
    text = "".join([*map(chr, range(1, 0x20)), *escaped, "\u2028\u2029\u00a0\U0001f600<&>\\u0085"])
    objects = rendered({"flaskServerSecretKey": text, "extraEnvVars": {"A": text}}, major=major)

    values = documents.read(objects.pod_file, "values.yaml").data()
    assert (values["flaskServerSecretKey"], values["extraEnvVars"]["A"]) == (text, text)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.values.model.keys import all_keys, dotted, secret_keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.values.conftest import Read, Refused


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("hots: x", "hots: is not a known key. All keys are in docs/reference/keys.md."),
        ("auth: {enabeld: true}", "auth.enabeld: is not a known key. Did you mean auth.enabled?"),
        ("postgres: {enabled: true}", "postgres: is not a known key. Did you mean postgresql?"),
        ("backendStore: {password: x}", "backendStore.password: is not a known key here. Did you mean "
         "backendStore.postgres.password or backendStore.mysql.password?"),
        ("bucket: x", "bucket: is not a known key here. Did you mean artifactRoot.s3.bucket or "
         "artifactRoot.gcs.bucket?"),
        ("service: {enabled: true}", "service.enabled: is not a known key. The keys of service are type, port, name, "
         "metricsPort and annotations."),
        ("ingress: {hosts: [{host: a, path: /}]}", "ingress.hosts[0].path: is not a known key. Did you mean "
         "ingress.hosts[0].paths?"),
        ("ingress: {hosts: [{host: a, paths: [{pathtype: Exact}]}]}", "ingress.hosts[0].paths[0].pathtype: is not a "
         "known key. Did you mean ingress.hosts[0].paths[0].pathType?"),
        ("extraArgs: {static-prefix: /x}", "extraArgs.static-prefix: is not a known key. Did you mean "
         "extraArgs.staticPrefix?"),
        ("extraArgs: {threads: 4}", "extraArgs.threads: is not a known key. The keys of extraArgs are allowedHosts, "),
        ("extraArgs: {serveArtifacts: true}", "extraArgs.serveArtifacts: takes no value. Write its name into the list "
         "extraFlags."),
        ("extraEnvVars: {A=B: x}", 'extraEnvVars["A=B"]: is not a name that a variable can have. Write letters, digits '
         "and `_`, and no digit first."),
        ("extraEnvVars: {1: x}", "extraEnvVars.1: is not a name that a variable can have."),
        ("1: x", "1: is not a known key. All keys are in docs/reference/keys.md."),
        ('"[key]": x', '["[key]"]: is not a known key. All keys are in '),
        ("auth: {int: 1}", "auth.int: is not a known key. The keys of auth are enabled, "),
        ('"a\\e[1mb\\n": x', '["a\\x1b[1mb\\n"]: is not a known key. All keys'),
        ("postgresql: {architecture: replication}", "postgresql.architecture: must be 'standalone'."),
        ("postgresql: {metrics: {tag: x}}", "postgresql.metrics: is a key of Bitnami's chart, or none; the "
         "database of this chart does not have it, since its image is the official one. Remove it. The keys here are "
         "enabled, architecture, fromBitnami, image, auth, primary."),
        ("auth: {defaultPermission: DENY}", "auth.defaultPermission: must be one of 'READ', 'USE', 'EDIT', 'MANAGE' or "
         "'NO_PERMISSIONS'."),
        ("trustedProxies: [10.0.0.0/33]", "trustedProxies[0]: is not an address or a network. Write one such as "
         "`192.0.2.1` or `10.0.0.0/8`."),
        ("trustedProxies: ['::1', ':::']", "trustedProxies[1]: is not an address or a network."),
        ("service: {global: {}}", "service.global: is not a known key. The keys of service are type, "),
        ("extraFlags: [debug]", "extraFlags[0]: must be one of 'artifactsOnly', 'artifactsPresignedOnly', 'dev', "),
        ("auth: {adminPassword: 12345678901234}", "auth.adminPassword: must be text, not a number. Put it in quotes."),
        ("auth: {adminUsername: yes}", "auth.adminUsername: must be text, not true or false. Put it in quotes."),
        ("podAnnotations: {str: 5}", "podAnnotations.str: must be text, not a number. Put it in quotes."),
        ('podAnnotations: {example.com/x: null}', 'podAnnotations["example.com/x"]: must be text, not null. Write one, '
         "or remove the key."),
        ("allowedHosts: [null]", "allowedHosts[0]: must be text, not null. Write one, or remove the key."),
        ("auth: {adminUsername: [a]}", "auth.adminUsername: must be text, not a list."),
        ("auth: {adminUsername: {a: 1}}", "auth.adminUsername: must be text, not a map."),
        ("auth: on", "auth: must be a map, not true or false."),
        ("auth: [a]", "auth: must be a map, not a list."),
        ("podAnnotations: x", "podAnnotations: must be a map, not text."),
        ("allowedHosts: a", "allowedHosts: must be a list, not text."),
        ("allowedHosts: {a: 1}", "allowedHosts: must be a list, not a map."),
        ("tolerations: [x]", "tolerations[0]: must be a map, not text."),
        ('auth: {enabled: "true"}', "auth.enabled: must be true or false, not text. Remove the quotes."),
        ("auth: {enabled: sure}", "auth.enabled: must be true or false, not text."),
        ("auth: {enabled: 1}", "auth.enabled: must be true or false, not a number."),
        ('replicaCount: "2"', "replicaCount: must be a whole number, not text. Remove the quotes."),
        ("replicaCount: two", "replicaCount: must be a whole number, not text."),
        ("replicaCount: 1.5", "replicaCount: must be a whole number, not one with a fraction."),
        ("replicaCount: 1e20", "replicaCount: must be a whole number, not one so large."),
        ("replicaCount: true", "replicaCount: must be a whole number, not true or false."),
        ("replicaCount: -1", "replicaCount: must be at least 0."),
        ("replicaCount: 3000000000", "replicaCount: must be at most 2147483647."),
        ("service: {port: 65536}", "service.port: must be at most 65535."),
        ("service: {port: 0}", "service.port: must be at least 1."),
        ("ingress: {hosts: [{paths: []}]}", "ingress.hosts[0].host: is missing. Every item needs one."),
        ("extraArgs: {workers: [4]}", "extraArgs.workers: must be text, a number, true or false, not a list."),
        ("strategy: {rollingUpdate: {maxSurge: 1.5}}", "strategy.rollingUpdate.maxSurge: must be a whole number or "
         "text, not one with a fraction. Put it in quotes."),
        ("strategy: {rollingUpdate: {maxSurge: {int: 5}}}", "strategy.rollingUpdate.maxSurge: must be a whole number "
         "or text, not a map."),
        ('flaskServerSecretKey: "ses\\0ame"', "flaskServerSecretKey: holds a NUL character, which no program can be "
         "given. Remove it."),
        ('extraEnvVars: {A: {b: ["\\0"]}}', "extraEnvVars.A.b[0]: holds a NUL character, which no program can "
         "be given."),
    ],
)  # fmt: skip
def test_a_finding_is_a_sentence_with_the_key_the_line_and_what_to_write(
    refused: Refused, text: str, finding: str
) -> None:
    (found,) = refused(text)

    assert found.startswith(finding)
    assert found.endswith((". (v.yaml:1)", "? (v.yaml:1)"))


def test_numbers_are_taken_where_the_old_schema_insisted_on_text(reads: Read) -> None:
    values = reads("extraArgs: {workers: 4}\nresources: {limits: {cpu: 1}}", "extraArgs.secretsCacheTtl=60").values

    assert values.extraArgs == {"workers": 4, "secretsCacheTtl": 60}
    assert values.resources["limits"] == {"cpu": 1}


def test_everything_is_told_at_once_by_file_and_line(refused: Refused, tmp_path: Path) -> None:
    text = "auth:\n  enabled: true\n\n  adminPassword: short\nreplicaCount: x\nextraArgs:\n  port: 80\nbucket: b\n"

    assert refused(text, "image.tga=1") == [
        "auth.adminUsername: is empty, but auth.enabled is true. Write the admin's name, or name a Secret in "
        "auth.existingAdminSecret.name. (v.yaml:1)",
        "auth.adminPassword: is shorter than 12 characters, which MLflow refuses. Write a longer one. (v.yaml:4)",
        "replicaCount: must be a whole number, not text. (v.yaml:5)",
        "extraArgs.port: is decided by another key. Write service.port; on a laptop, run flowship up --port. "
        "(v.yaml:7)",
        "bucket: is not a known key here. Did you mean artifactRoot.s3.bucket or artifactRoot.gcs.bucket? (v.yaml:8)",
        "image.tga: is not a known key. Did you mean image.tag? (--set image.tga)",
    ]


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ("autoscaling:\n  enabled: true\n", "replicaCount, autoscaling.enabled", "v.yaml:2"),
        ("autoscaling:\n  enabled: true\nreplicaCount: 2\n", "replicaCount, autoscaling.enabled", "v.yaml:3"),
        ("auth:\n  adminUsername: ''\n  enabled: true", "auth.adminUsername", "v.yaml:2"),
        ("auth:\n  enabled: true\n  adminUsername: a", "auth.adminPassword", "v.yaml:1"),
        ("postgresql:\n  enabled: true\nmysql:\n  enabled: true", "backendStore.postgres.enabled", "v.yaml:2"),
        ("extraEnvVars:\n  A: x\n  mlflow_port: x\n", "extraEnvVars.MLFLOW_PORT", "v.yaml:3"),
        ("\nextraFlags:\n- dev\n", "extraFlags", "v.yaml:2"),
    ],
)
def test_the_first_key_that_the_user_wrote_decides_the_place(refused: Refused, text: str, key: str, place: str) -> None:
    found = next(each for each in refused(text) if each.startswith(key))

    assert found.endswith(f"({place})")


def test_a_variable_that_is_to_blame_is_named(refused: Refused) -> None:
    text = "backendStore: {postgres: {enabled: true, host: db, database: m, user: u, password: p}}"

    assert refused(text, environ={"PGPORT": "x"}) == [
        "backendStore.postgres.port: must be a whole number, not text. (variable PGPORT)"
    ]
    assert refused("artifactRoot: {s3: {enabled: true, bucket: b}}", environ={"AWS_ACCESS_KEY_ID": "x"}) == [
        "artifactRoot.s3.awsAccessKeyId, artifactRoot.s3.awsSecretAccessKey: only one half of the key pair is given. "
        "Write both, or neither to use a role. (variable AWS_ACCESS_KEY_ID)"
    ]


SECRET = "open:sesame@100%"


def yaml_of(key: str, value: str) -> str:
    parts = key.split(".")
    return "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(parts)).rstrip() + f" {value}\n"


@pytest.mark.parametrize("key", sorted(secret_keys()))
@pytest.mark.parametrize("shape", ["['{}']", "{{a: '{}'}}", "{{'{}': 1}}", '{{"{}\\0": 1}}', '"{}\\0"', "[['{}']]"])
def test_no_secret_is_shown_when_its_key_has_the_wrong_type(refused: Refused, key: str, shape: str) -> None:
    found = refused(yaml_of(key, shape.format(SECRET)))

    assert any(finding.startswith(f"{key}") for finding in found)
    assert SECRET not in "".join(found)


def test_no_secret_is_shown_by_any_rule(refused: Refused) -> None:
    keys = sorted(secret_keys())
    switches = [key for key in all_keys() if key.endswith(".enabled")]
    text = "".join(f"extraEnvVars.{name}={SECRET[:11]}," for name in ("PGPASSWORD", "MYSQL_PWD", "MLFLOW_PORT"))

    found = refused(
        "", *(f"{key}={SECRET[:11]}" for key in keys), *(f"{key}=true" for key in switches), text.rstrip(",")
    )

    assert len(found) > 15
    assert SECRET[:11] not in "".join(found)


def test_no_secret_is_shown_in_a_representation(reads: Read) -> None:
    keys = [
        key
        for key in sorted(secret_keys())
        if "azureBlob.connection" not in key and "s3" not in key and "ebhookKey" not in key
    ]
    reading = reads(
        f"extraEnvVars: {{TOKEN: '{SECRET}'}}",
        *(f"{key}={SECRET}" for key in keys),
        environ={"HOME": SECRET},
    )

    assert reading.values.auth.adminPassword == reading.values.extraEnvVars["TOKEN"] == SECRET
    assert SECRET not in repr(reading)
    assert SECRET not in str(reading.values)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b-c_1"), "a.b-c_1"),
        (("ingress", "hosts", 0, "host"), "ingress.hosts[0].host"),
        (("a", "b.c"), 'a["b.c"]'),
        (("é\n", ""), '["\\u00e9\\n"][""]'),
        (('"\\\a\v\x1b\x7f', "😀\u2028"), r'["\"\\\a\v\x1b\x7f"]["\U0001f600\u2028"]'),
    ],
)
def test_paths_are_plain_text(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text

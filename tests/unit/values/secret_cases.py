"""Values that break the rules of existing Secrets; see `cases`. Those of the database are in `cases` itself."""

from __future__ import annotations

from tests.unit.values.access_cases import SEARCHED
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, AZURE, POSTGRES, S3, SOURCE, WEBHOOK_KEY, Case, idle, without
from tests.unit.values.oidc_cases import OIDC

GCS = {"artifactRoot.gcs.enabled": True, "artifactRoot.gcs.bucket": "b"}
HOLDS = {
    "usernameKey": "the user",
    "passwordKey": "the password",
    "clientSecretKey": "the client's secret",
    "key": "the key",
    "webhookKeyKey": "the key for webhooks",
    "gatewayPassphraseKey": "the passphrase of the gateway",
}


def one(*keys: str, holds: str) -> str:
    return f"{', '.join(keys)}: only one of these may be given, because the Secret holds {holds}. Keep one of them."


def empty(key: str, name: str, holds: str) -> str:
    return f"{key}: is empty, but {name} is given. Write the key under which the Secret holds {holds}."


def login(secret: str, values: dict[str, object], keys: dict[str, tuple[str, str]], holds: str) -> list[Case]:
    """A credential of two parts: for each its key and its variable, and the keys in the Secret."""
    name = f"{secret}.name"
    bare = values
    for key, _ in keys.values():
        bare = without(bare, key)
    found = []
    for at, (key, variable) in keys.items():
        extra = f"extraEnvVars.{variable}"
        found += [
            Case({**bare, name: "own", key: WEBHOOK_KEY}, (one(key, name, holds=holds),), {key: ""}),
            Case({**bare, name: "own", extra: SOURCE}, (one(extra, name, holds=holds),), {extra: None}),
            Case(
                {**bare, name: "own", f"{secret}.{at}": ""},
                (empty(f"{secret}.{at}", name, HOLDS[at]),),
                {f"{secret}.{at}": "x"},
            ),
        ]
    return found


AZURE_SECRET = "artifactRoot.azureBlob.existingSecret"
AZURE_KEYS = (f"{AZURE_SECRET}.accessKeyKey", f"{AZURE_SECRET}.connectionStringKey")
EXACTLY_ONE = (
    f"{', '.join(AZURE_KEYS)}: exactly one of these must be given, because {AZURE_SECRET}.name is. Write the key under "
    "which the Secret holds it, and leave the other empty."
)
GCS_NAME = "artifactRoot.gcs.existingSecret.name"

SECRET_CASES = [
    *login(
        "auth.existingAdminSecret",
        AUTH,
        {
            "usernameKey": ("auth.adminUsername", "MLFLOW_AUTH_ADMIN_USERNAME"),
            "passwordKey": ("auth.adminPassword", "MLFLOW_AUTH_ADMIN_PASSWORD"),
        },
        "the admin's name and password",
    ),
    *login(
        "auth.postgres.existingSecret",
        {**AUTH, **AUTH_POSTGRES},
        {
            "usernameKey": ("auth.postgres.user", "FLOWSHIP_AUTH_PGUSER"),
            "passwordKey": ("auth.postgres.password", "FLOWSHIP_AUTH_PGPASSWORD"),
        },
        "the user and the password",
    ),
    *login(
        "ldapAuth.userSearch.existingSecret",
        SEARCHED,
        {"passwordKey": ("ldapAuth.userSearch.bindPassword", "FLOWSHIP_LDAP_BIND_PASSWORD")},
        "the service account's password",
    ),
    *login(
        "oidcAuth.existingSecret",
        OIDC,
        {"clientSecretKey": ("oidcAuth.clientSecret", "OIDC_CLIENT_SECRET")},
        "the client's secret",
    ),
    *login(
        "existingFlaskSecret",
        {},
        {"key": ("flaskServerSecretKey", "MLFLOW_FLASK_SERVER_SECRET_KEY")},
        "the key that signs MLflow's forms",
    ),
    *login(
        "encryption.existingSecret",
        {},
        {
            "webhookKeyKey": ("encryption.webhookKey", "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"),
            "gatewayPassphraseKey": ("encryption.gatewayPassphrase", "MLFLOW_CRYPTO_KEK_PASSPHRASE"),
        },
        "the keys for encryption",
    ),
    *(
        Case(
            {f"encryption.{key}": text},
            (
                f"encryption.{key}: is no key for webhooks. Write 32 random bytes in URL-safe Base64, as `openssl rand "
                "-base64 32 | tr +/ -_` prints.",
            ),
            {f"encryption.{key}": WEBHOOK_KEY},
        )
        for key in ("webhookKey", "previousWebhookKey")
        for text in ("x", f"{WEBHOOK_KEY}=", WEBHOOK_KEY[:-1], f"+{WEBHOOK_KEY[1:]}", f"{WEBHOOK_KEY}\n")
    ),
    Case(
        {
            **S3,
            "artifactRoot.s3.existingSecret.name": "own",
            "artifactRoot.s3.awsAccessKeyId": "k",
            "artifactRoot.s3.awsSecretAccessKey": "k",
        },
        tuple(
            one(f"artifactRoot.s3.{key}", "artifactRoot.s3.existingSecret.name", holds="the pair of keys")
            for key in ("awsAccessKeyId", "awsSecretAccessKey")
        ),
        {"artifactRoot.s3.existingSecret.name": ""},
    ),
    Case(
        {
            **S3,
            "artifactRoot.s3.existingSecret.name": "own",
            "extraEnvVars.AWS_ACCESS_KEY_ID": SOURCE,
            "extraEnvVars.AWS_SECRET_ACCESS_KEY": SOURCE,
        },
        tuple(
            one(f"extraEnvVars.{key}", "artifactRoot.s3.existingSecret.name", holds="the pair of keys")
            for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        ),
        {"artifactRoot.s3.existingSecret.name": ""},
    ),
    *(
        Case(
            {**S3, "artifactRoot.s3.existingSecret.name": "own", f"artifactRoot.s3.existingSecret.{key}": ""},
            (empty(f"artifactRoot.s3.existingSecret.{key}", "artifactRoot.s3.existingSecret.name", what),),
            {f"artifactRoot.s3.existingSecret.{key}": "x"},
        )
        for key, what in {
            "accessKeyIdKey": "the access key id",
            "secretAccessKeyKey": "the secret access key",
        }.items()
    ),
    *(
        Case(
            {**AZURE, f"{AZURE_SECRET}.name": "own", AZURE_KEYS[0]: "key", key: SOURCE if "extra" in key else "k"},
            (one(key, f"{AZURE_SECRET}.name", holds="the credential"),),
            {key: None},
        )
        for key in (
            "artifactRoot.azureBlob.accessKey",
            "artifactRoot.azureBlob.connectionString",
            "extraEnvVars.AZURE_STORAGE_ACCESS_KEY",
            "extraEnvVars.AZURE_STORAGE_CONNECTION_STRING",
        )
    ),
    Case({**AZURE, f"{AZURE_SECRET}.name": "own"}, (EXACTLY_ONE,), {AZURE_KEYS[0]: "key"}),
    Case(
        {**AZURE, f"{AZURE_SECRET}.name": "own", AZURE_KEYS[0]: "key", AZURE_KEYS[1]: "text"},
        (EXACTLY_ONE,),
        {AZURE_KEYS[1]: ""},
    ),
    Case(
        {**GCS, GCS_NAME: "own", "extraEnvVars.GOOGLE_APPLICATION_CREDENTIALS": "/x"},
        (one("extraEnvVars.GOOGLE_APPLICATION_CREDENTIALS", GCS_NAME, holds="the file"),),
        {GCS_NAME: ""},
    ),
    Case(
        {**GCS, GCS_NAME: "own", "artifactRoot.gcs.existingSecret.fileKey": ""},
        (empty("artifactRoot.gcs.existingSecret.fileKey", GCS_NAME, "the file"),),
        {"artifactRoot.gcs.existingSecret.fileKey": "key.json"},
    ),
    *(
        Case({**POSTGRES, name: "own"}, (idle(name, enabled),), {name: ""})
        for name, enabled in [
            ("auth.existingAdminSecret.name", "auth.enabled"),
            ("auth.postgres.existingSecret.name", "auth.postgres.enabled"),
            ("ldapAuth.userSearch.existingSecret.name", "ldapAuth.userSearch.enabled"),
            ("artifactRoot.s3.existingSecret.name", "artifactRoot.s3.enabled"),
            ("artifactRoot.gcs.existingSecret.name", "artifactRoot.gcs.enabled"),
        ]
    ),
    Case(
        {"ldapAuth.userSearch.existingSecret.name": "own"},
        (idle("ldapAuth.userSearch.existingSecret.name", "ldapAuth.userSearch.enabled"),),
        {"ldapAuth.userSearch.existingSecret.name": ""},
    ),
    Case(
        {f"{AZURE_SECRET}.name": "own", AZURE_KEYS[1]: "text"},
        (idle(f"{AZURE_SECRET}.name", "artifactRoot.azureBlob.enabled"),),
        {f"{AZURE_SECRET}.name": ""},
    ),
]
"""The rules of Secrets of the user's own."""

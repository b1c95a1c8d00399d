"""Values that break the rules of the server's process, as `cases` has them for the other keys."""

from __future__ import annotations

from typing import Any

from flowship.values.rules.server.process import (
    REFUSED_FLAGS,
    REFUSED_OPTIONS,
    REFUSED_VARIABLES,
    TELEMETRY_VARIABLES,
)
from tests.unit.values.access_cases import SEARCHED
from tests.unit.values.cases import (
    AUTH,
    AUTH_POSTGRES,
    AZURE,
    LDAP,
    MYSQL,
    POSTGRES,
    S3,
    WEBHOOK_KEY,
    Case,
    case,
    without,
)
from tests.unit.values.oidc_cases import OIDC

TWICE: list[tuple[str, str, dict[str, Any]]] = [
    ("PGHOST", "backendStore.postgres.host", POSTGRES),
    ("PGDATABASE", "backendStore.postgres.database", POSTGRES),
    ("PGUSER", "backendStore.postgres.user", POSTGRES),
    ("PGPASSWORD", "backendStore.postgres.password", POSTGRES),
    ("MYSQL_HOST", "backendStore.mysql.host", MYSQL),
    ("MYSQL_DATABASE", "backendStore.mysql.database", MYSQL),
    ("MYSQL_USERNAME", "backendStore.mysql.user", MYSQL),
    ("MYSQL_PWD", "backendStore.mysql.password", MYSQL),
    ("AZURE_STORAGE_CONNECTION_STRING", "artifactRoot.azureBlob.connectionString", AZURE),
    ("AZURE_STORAGE_ACCESS_KEY", "artifactRoot.azureBlob.accessKey", AZURE),
    ("MLFLOW_AUTH_ADMIN_USERNAME", "auth.adminUsername", AUTH),
    ("MLFLOW_AUTH_ADMIN_PASSWORD", "auth.adminPassword", AUTH),
    ("FLOWSHIP_AUTH_PGHOST", "auth.postgres.host", {**AUTH, **AUTH_POSTGRES}),
    ("FLOWSHIP_AUTH_PGDATABASE", "auth.postgres.database", {**LDAP, **AUTH_POSTGRES}),
    ("FLOWSHIP_AUTH_PGUSER", "auth.postgres.user", {**AUTH, **AUTH_POSTGRES}),
    ("FLOWSHIP_AUTH_PGPASSWORD", "auth.postgres.password", {**AUTH, **AUTH_POSTGRES}),
    ("FLOWSHIP_LDAP_BIND_PASSWORD", "ldapAuth.userSearch.bindPassword", SEARCHED),
    ("OIDC_CLIENT_SECRET", "oidcAuth.clientSecret", OIDC),
    ("MLFLOW_FLASK_SERVER_SECRET_KEY", "flaskServerSecretKey", {}),
    ("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", "encryption.webhookKey", {}),
    ("MLFLOW_CRYPTO_KEK_PASSPHRASE", "encryption.gatewayPassphrase", {}),
    ("FLOWSHIP_PREVIOUS_WEBHOOK_KEY", "encryption.previousWebhookKey", {}),
    ("FLOWSHIP_PREVIOUS_GATEWAY_PASSPHRASE", "encryption.previousGatewayPassphrase", {}),
]
DEFAULTED: list[tuple[str, str, dict[str, Any]]] = [
    ("PGPORT", "backendStore.postgres.port", POSTGRES),
    ("MYSQL_TCP_PORT", "backendStore.mysql.port", MYSQL),
    ("PGUSER", "postgresql.auth.username", {"postgresql.enabled": True}),
    ("PGPASSWORD", "postgresql.auth.password", {"postgresql.enabled": True}),
    ("MYSQL_USERNAME", "mysql.auth.username", {"mysql.enabled": True}),
    ("MYSQL_PWD", "mysql.auth.password", {"mysql.enabled": True}),
    ("PGPORT", "postgresql.primary.service.ports.postgresql", {"postgresql.enabled": True}),
    ("PGDATABASE", "postgresql.auth.database", {"postgresql.enabled": True}),
    ("MYSQL_TCP_PORT", "mysql.primary.service.ports.mysql", {"mysql.enabled": True}),
    ("MYSQL_DATABASE", "mysql.auth.database", {"mysql.enabled": True}),
    ("FLOWSHIP_AUTH_PGPORT", "auth.postgres.port", {**AUTH, **AUTH_POSTGRES}),
]
SAME = "only one of these may be given, because they say the same thing. Keep one of them."
KEYS = ("artifactRoot.s3.awsAccessKeyId", "artifactRoot.s3.awsSecretAccessKey")
PAIR = {**S3, **dict.fromkeys(KEYS, "k")}

DOUBLE = (
    "are one variable, because each name is given in upper case too. Keep one of them; one with small letters gives "
    "both."
)


def fitting(key: str) -> str:
    """A text that no rule refuses there."""
    if key.endswith("ebhookKey"):
        return WEBHOOK_KEY
    return "open sesame!" if key.startswith("auth.admin") else "x"


DECIDED_ELSEWHERE = {
    **{name: f"other keys. {instead}" for name, instead in REFUSED_VARIABLES.items()},
    **dict.fromkeys(TELEMETRY_VARIABLES, "another key. Write telemetry.enabled."),
}
"""By the tables of the rules; tests/unit/values/rules/server/test_process.py says what is in them."""

VARIABLES = [
    *(
        Case(
            {f"extraEnvVars.{spelt}": "x"},
            (f"extraEnvVars.{name}: is decided by {reason}",),
            {f"extraEnvVars.{spelt}": None},
        )
        for name, reason in DECIDED_ELSEWHERE.items()
        for spelt in (name, name.lower())
    ),
    *(
        Case(
            {**values, f"extraEnvVars.{name}": "x", key: fitting(key)},
            (f"extraEnvVars.{name}, {key}: {SAME}",),
            {key: ""},
        )
        for name, key, values in TWICE
    ),
    *(
        Case(
            {**PAIR, f"extraEnvVars.{name}": "x"},
            (f"extraEnvVars.{name}, {key}: {SAME}",),
            {key: None},
        )
        for name, key in zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), KEYS, strict=True)
    ),
    *(
        Case(
            {**values, f"extraEnvVars.{name.lower()}": "1"},
            (f"extraEnvVars.{name}: is decided by another key. Write {key}.",),
            {f"extraEnvVars.{name.lower()}": None},
        )
        for name, key, values in DEFAULTED
    ),
    Case(
        {"extraEnvVars.no_proxy": "a", "extraEnvVars.NO_PROXY": "b"},
        (f"extraEnvVars: NO_PROXY and no_proxy {DOUBLE}",),
        {"extraEnvVars.no_proxy": None},
    ),
    Case(
        {f"extraEnvVars.{name}": "a" for name in ("b", "a", "Ab", "A", "B", "c", "aB")},
        (f"extraEnvVars: A and a, Ab and aB, B and b {DOUBLE}",),
        {"extraEnvVars": {"a": "b", "B": "a"}},
    ),
    *(
        Case(
            without(POSTGRES, "backendStore.postgres.password"),
            (
                "backendStore.postgres.password: is empty, but backendStore.postgres.enabled is true. Write the user's "
                "password, or name a Secret in backendStore.existingDatabaseSecret.name.",
            ),
            mended,
        )
        for mended in ({"extraEnvVars.pgPassword": "x"}, {"extraSecretNamesForEnvFrom": ["login"]})
    ),
]


def option(name: str, text: object, good: object, reason: str) -> Case:
    return Case({f"extraArgs.{name}": text}, (f"extraArgs.{name}: {reason}",), {f"extraArgs.{name}": good})


PREFIX = (
    "must begin with `/`, not end with it, and hold only letters, digits, `.`, `_`, `~`, `-` and `/`, such as "
    "`/mlflow`."
)
OPEN = (
    "begins like a path that MLflow answers without a password, which would open every page. Write another one, such "
    "as `/mlflow`."
)
UVICORN = (
    "holds something else than options of uvicorn that Flowship hands over, with their values: --backlog, "
    "--date-header, --header, --limit-concurrency, --log-level, --loop, --no-date-header, --no-server-header, "
    "--server-header, --timeout-keep-alive. Remove it; stopping, renewing workers and the log are keys of server."
)
TRUST = (
    "whose X-Forwarded-For and X-Forwarded-Proto are believed is decided by another key. Remove --forwarded-allow-ips "
    "and --proxy-headers, and write trustedProxies."
)
PARSER = (
    "what parses requests is decided by Flowship, whose limits of headers and time are in it. Remove --http and "
    "--h11-max-incomplete-event-size."
)
HOSTS = (
    "allowedHosts: holds an item that is not a host name. Write names such as `mlflow.example.com` or "
    "`*.example.com`, without scheme or path."
)
ORIGINS = (
    "corsAllowedOrigins: holds an item that is not an origin. Write scheme, host and port only, such as "
    "`https://mlflow.example.com`, without a path or a last slash."
)
TRACKING = "extraArgs.backendStoreUri"
IN_THE_PROCESS_LIST = (
    f"{TRACKING}: would show its password in the process list. Write backendStore, postgresql or mysql."
)
IN_MEMORY = (
    f"{TRACKING}: is a SQLite database in memory, where nothing is kept. Remove it; Flowship keeps runs in a SQLite "
    "file."
)
IN_A_FILE = (
    f"{TRACKING}: is a SQLite file, and Flowship's is `mlflow.db` in its data directory, on the claim of persistence. "
    "Copy it there before the first start, and remove the key."
)
IN_FILES = (
    f"{TRACKING}: is a directory of files, which MLflow keeps no models in and Flowship does not serve. Move the runs "
    "into a database, and remove the key."
)
PROXIED = "artifactRoot.proxiedArtifactStorage"
CONTRADICTS = (
    f"extraFlags, {PROXIED}: noServeArtifacts contradicts the second, by which clients reach artifacts through the "
    "server. Remove it, or set the second to false."
)
ONLY_THROUGH_THE_SERVER = (
    "extraFlags: noServeArtifacts would leave clients without artifacts, because these are kept in the data directory, "
    "which only the server reaches. Remove it, or enable an object store in artifactRoot."
)
STAYED_DIRECT = (
    f"extraFlags, {PROXIED}: serveArtifacts is not needed, because clients write to the object store themselves, as "
    "they did with chart 0.16.5. Remove it to keep that, or set the second to true, which sends them through the "
    "server."
)
NO_SERVE, SERVE = {"extraFlags": ["noServeArtifacts"]}, {"extraFlags": ["serveArtifacts"]}
KINDS = [
    *(Case({TRACKING: uri}, (IN_MEMORY,), {TRACKING: None}) for uri in ("sqlite://", "sqlite:///:memory:")),
    *(
        Case({TRACKING: uri}, (IN_A_FILE,), {TRACKING: None})
        for uri in ("sqlite:///m.db", "sqlite+pysqlite:////a/m.db")
    ),
    *(Case({TRACKING: uri}, (IN_FILES,), {TRACKING: None}) for uri in ("./mlruns", "/data", "file:///data")),
    Case({TRACKING: "mysql://a:b@c/d"}, (IN_THE_PROCESS_LIST,), {TRACKING: None}),
    Case({**S3, **NO_SERVE, PROXIED: True}, (CONTRADICTS,), {PROXIED: False}),
    Case({**NO_SERVE, PROXIED: True}, (CONTRADICTS,), {"extraFlags": []}),
    Case(NO_SERVE, (ONLY_THROUGH_THE_SERVER,), S3),
    Case({**S3, **SERVE}, (STAYED_DIRECT,), {PROXIED: True}),
    Case({**S3, **SERVE}, (STAYED_DIRECT,), {"artifactRoot.s3.enabled": False}),
]
PROCESS = [
    *(option(name, "x:y", None, reason) for name, reason in REFUSED_OPTIONS.items()),
    *(
        case({"extraFlags": ["enableWorkspaces", flag]}, f"extraFlags: {flag} {reason}", extraFlags=[])
        for flag, reason in REFUSED_FLAGS.items()
    ),
    *(
        option("staticPrefix", text, "/a.b/_c~", PREFIX)
        for text in ("mlflow", "/mlflow/", "/", "/a b", "/a\n", "//a", "/a/../b", "/..", 5, True)
    ),
    *(option("staticPrefix", text, "/a/static", OPEN) for text in ("/static-x", "/healthy", "/favicon.ico")),
    *(option("workers", text, "4", "must be a whole number from 1 to 9999.") for text in (0, -1, "four", 1.5, True)),
    *(
        option("secretsCacheTtl", text, 300, "must be a whole number of seconds from 10 to 300.")
        for text in (9, 301, "x")
    ),
    *(option("secretsCacheMaxSize", text, 10000, "must be a whole number from 1 to 10000.") for text in (0, 10001)),
    *(
        option("xFrameOptions", text, "deny", "must be SAMEORIGIN, DENY or NONE.")
        for text in ("ALLOW-FROM https://x", "DENY\n", True)
    ),
    option("traceArchivalConfig", "x.yaml", "/x.yaml", "is not an absolute path. Write one that begins with `/`."),
    *(
        option("uvicornOpts", text, "--header 'X: a'", TRUST)
        for text in ("--forwarded-allow-ips '*'", "--backlog 5 --forwarded-allow-ips=::1", "--proxy-headers")
    ),
    option("uvicornOpts", "--log-level info\n--no-proxy-headers", "--no-date-header", TRUST),
    *(
        option("uvicornOpts", text, "--log-level debug", PARSER)
        for text in ("--http h11", "--http=auto", "--h11-max-incomplete-event-size 5")
    ),
    *(
        option("uvicornOpts", text, "--log-level debug --timeout-keep-alive=5", UVICORN)
        for text in (
            "--port 5",
            "--log-level info --workers=4",
            "--reload",
            "--ssl-keyfile x",
            "'--host' x",
            "\t--fd 3",
            "--timeout-graceful-shutdown 5",
            "--log-config x.yaml",
            "--backlog many",
            "--loop",
            "debug",
            "--header 'X: a",
        )
    ),
    case(
        {"extraFlags": ["enableWorkspaces", "disableWorkspaces"]},
        "extraFlags: enableWorkspaces and disableWorkspaces contradict each other. Keep one of them.",
        extraFlags=["disableWorkspaces"],
    ),
    *(
        case(
            {"extraFlags": ["disableSecurityMiddleware"], key: ["https://x"] if key.startswith("cors") else ["x"]},
            "extraFlags, allowedHosts, corsAllowedOrigins: disableSecurityMiddleware would make the lists of hosts and "
            "origins do nothing. Remove it, or the lists.",
            **{key: None},
        )
        for key in ("allowedHosts", "corsAllowedOrigins")
    ),
    *(
        case({"allowedHosts": ["a", text]}, HOSTS, allowedHosts=["*.example.com", "a:8080", "[::1]", "*"])
        for text in ("https://a", "a/b", "", "a b", "a,b", "ann@a", "a\nb/")
    ),
    *(
        case({"corsAllowedOrigins": [text]}, ORIGINS, corsAllowedOrigins=["https://*.x.org", "http://a:80", "*"])
        for text in ("mlflow.example.com", "https://a/", "https://a/b", "", "HTTPS://a", "https://a,https://b")
    ),
]

SPACE = [
    Case(
        {"server.temporarySpace": text},
        ("server.temporarySpace: is not a size. Write one such as `500Mi` or `2Gi`.",),
        {"server.temporarySpace": "2Gi"},
    )
    for text in ("2 Gi", "2Gi\n", "0Gi", "2")
]

SERVER_CASES = [*VARIABLES, *KINDS, *PROCESS, *SPACE]

"""Values that break the rules of pods and of how they are reached; see `cases`. Those of replicas are in
`access_cases`."""

from __future__ import annotations

from tests.unit.values.cases import AUTH, AUTH_POSTGRES, POSTGRES, S3, Case, case

GRACE = (
    "terminationGracePeriodSeconds, server.drainDelaySeconds, server.shutdownTimeoutSeconds: the first is smaller than "
    "the others together, so a pod would be killed before running requests have ended. Raise it, lower them, or set it "
    "to 0."
)
ONE_FILE = (
    "strategy.type, persistence.accessMode: pods on several nodes would write one SQLite file at once during an "
    "update, which can destroy it. Empty the first."
)
STILL_WRITTEN = (
    "strategy.type, backendStore.fromSQLite: the old pod would write the SQLite files while the new one moves them, "
    "and what it writes then would be lost. Empty the first."
)
SHARED = {"strategy.type": "RollingUpdate", "persistence.accessMode": "ReadWriteMany"}
ROUTE = {
    "httpRoute.enabled": True,
    "httpRoute.parentRefs": [{"name": "gateway"}],
    "httpRoute.hostnames": ["*.example.com"],
}
NO_HOST = (
    "httpRoute.hostnames: holds an item that is not a host name. Write names such as `mlflow.example.com` or "
    "`*.example.com`, without scheme, port or path."
)
PORT_NAME = (
    "service.name: is not a name that Kubernetes takes for a port. Write lower-case letters, digits and `-`, such as "
    "`http`."
)
OLD_ARTIFACTS = (
    "extraVolumeMounts, artifactRoot.proxiedArtifactStorage: the first mounts a volume where chart 0.16.5 kept "
    "artifacts, and Flowship keeps them in /var/lib/flowship/artifacts. Write that as mountPath instead of "
    "/mlflow/mlartifacts; instead of /mlflow, with subPath mlartifacts."
)
OLD_USERS = (
    "auth.sqliteFullPath, extraVolumeMounts: the first is empty, so users would be made anew in the data directory, "
    "while chart 0.16.5 kept them on the volume at /mlflow. Write auth.sqliteFullPath: /mlflow."
)
EXAMPLE = (
    "ingress.hosts: still has the host of the example, chart-example.local, under which nobody finds the server. Write "
    "the name that people will use, such as `mlflow.example.com`."
)


def mounts(*paths: str) -> dict[str, object]:
    return {"extraVolumeMounts": [{"name": "old", "mountPath": path} for path in paths]}


A_NAME = "is not a name that Kubernetes takes. Write lower-case letters, digits and `-`, such as `mlflow-2`"


def named(key: str, text: str, reason: str, good: str) -> Case:
    return Case({key: text}, (f"{key}: {reason}.",), {key: good})


NAMES = [
    *(
        named(
            "nameOverride",
            text,
            "is not what Kubernetes takes in a label. Write letters, digits, `-`, `_` and `.`, such as `mlflow-2`",
            "ML_flow.2",
        )
        for text in ("a: b", "-a", "a/b", "é")
    ),
    *(
        named("fullnameOverride", text, f"{A_NAME}, and a letter first", "runs-2")
        for text in ("Runs", "1a", "a.b", "a-")
    ),
    *(named("serviceAccount.name", text, A_NAME, "theirs.2") for text in ("A", "a b", ".a")),
    *(
        named(f"{section}.namespace", text, A_NAME, "observability")
        for section, text in (
            *(("serviceMonitor", text) for text in ("A", "a.b")),
            *(("metrics.dashboards", "A"), ("prometheusRule", "a.b")),
        )
    ),
    *(named("persistence.existingClaim", text, A_NAME, "old.2") for text in ("A", "a/b")),
    *(
        named("image.digest", text, "is not a digest. Write `sha256:` and 64 digits from 0 to f", f"sha256:{'0a' * 32}")
        for text in ("0a" * 32, "sha256:0a", f"sha256:{'0A' * 32}")
    ),
]

POD_CASES = [
    case(
        {"enabled": False},
        "enabled: is only read by Helm, as the condition of a chart that has this one as a dependency. Remove it, or "
        "set it to true.",
        enabled=True,
    ),
    *NAMES,
    case({"terminationGracePeriodSeconds": 64}, GRACE, terminationGracePeriodSeconds=65),
    case({"terminationGracePeriodSeconds": 30}, GRACE, server_shutdownTimeoutSeconds=25),
    Case(SHARED, (ONE_FILE,), {"strategy.type": ""}),
    Case({**SHARED, **POSTGRES, **AUTH}, (ONE_FILE,), {"auth.enabled": False}),
    Case({**SHARED, **S3}, (ONE_FILE,), POSTGRES),
    Case(
        {"strategy.type": "RollingUpdate", "backendStore.fromSQLite": True, **POSTGRES},
        (STILL_WRITTEN,),
        {"strategy.type": "Recreate"},
    ),
    *(
        case(
            {"podLabels": {label: "mine"}},
            f"podLabels: sets {label}, by which the Service finds its pods. Remove it, or write nameOverride.",
            podLabels={"team": "a"},
        )
        for label in ("app", "app.kubernetes.io/name", "app.kubernetes.io/instance")
    ),
    *(
        Case(
            {**ROUTE, f"httpRoute.{key}": []},
            (f"httpRoute.{key}, httpRoute.enabled: the first is empty, but httpRoute.enabled is true. Write {what}.",),
            {f"httpRoute.{key}": ROUTE[f"httpRoute.{key}"]},
        )
        for key, what in {"parentRefs": "the Gateway that it belongs to", "hostnames": "at least one host name"}.items()
    ),
    *(
        Case({**ROUTE, "httpRoute.hostnames": ["a", text]}, (NO_HOST,), {"httpRoute.hostnames": ["a", "b.c"]})
        for text in ("https://a", "a/b", "a:443", "", "a b", "a\x01b", "a\x85b", "*")
    ),
    Case({"ingress.enabled": True}, (EXAMPLE,), {"ingress.hosts": [{"host": "mlflow.example.com"}]}),
    Case(
        {"ingress.enabled": True, "ingress.hosts": [{"host": "a.b"}, {"host": "chart-example.local"}]},
        (EXAMPLE,),
        {"ingress.hosts": [{"host": "a.b"}, {"host": "not-chart-example.local"}]},
    ),
    *(case({"service.name": text}, PORT_NAME, service_name="http-1") for text in ("HTTP", "a_b", "-a", "a" * 64)),
    case(
        {"service.port": 9001, "service.metricsPort": 9001},
        "service.port, service.metricsPort: the two are equal, but the Service has both ports. Change one of them.",
        service_metricsPort=0,
    ),
    *(
        Case(
            {"artifactRoot.proxiedArtifactStorage": True, **mounts("/certs", path)},
            (OLD_ARTIFACTS,),
            mounts(path, "/var/lib/flowship/artifacts"),
        )
        for path in ("/mlflow", "/mlflow/", "/mlflow/mlartifacts", "/mlflow/mlartifacts/")
    ),
    Case({"artifactRoot.proxiedArtifactStorage": True, **mounts("/mlflow")}, (OLD_ARTIFACTS,), S3),
    Case({**AUTH, **mounts("/mlflow")}, (OLD_USERS,), {"auth.sqliteFullPath": "/mlflow"}),
    Case({**AUTH, **mounts("/mlflow/")}, (OLD_USERS,), AUTH_POSTGRES),
    Case({**AUTH, **mounts("/mlflow")}, (OLD_USERS,), mounts("/mlflow/metrics")),
]
"""The rules of pods, and of how they are reached."""

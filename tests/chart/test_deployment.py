from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import flowship
from chartgen.mlflow_version import mlflow_version
from tests.chart.rendering import CHART, require_restricted
from tests.effects import shows
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, POSTGRES, S3

if TYPE_CHECKING:
    from tests.chart.conftest import Render

SHARED = {**POSTGRES, **S3}
VERSIONS = f"{flowship.__version__}-mlflow{mlflow_version(CHART.parents[1])}"
DIGEST = "sha256:" + "0a" * 32


def test_the_default_install_is_these_objects(render: Render) -> None:
    assert render().names == {
        ("Deployment", "demo-mlflow"),
        ("PersistentVolumeClaim", "demo-mlflow-data"),
        ("Pod", "demo-mlflow-smoke-test"),
        ("Secret", "demo-mlflow-values"),
        ("Service", "demo-mlflow"),
        ("ServiceAccount", "demo-mlflow"),
    }


def test_every_container_of_the_default_install_is_restricted_and_has_resources(render: Render) -> None:
    require_restricted(render())
    require_restricted(render({**SHARED, **AUTH, "backendStore.databaseConnectionCheck": True}))


@pytest.mark.parametrize(
    ("release", "values", "name"),
    [
        ("mlflow", {}, "mlflow"),
        ("my-mlflow-1", {}, "my-mlflow-1"),
        ("demo", {}, "demo-mlflow"),
        ("demo", {"nameOverride": "tracking"}, "demo-tracking"),
        ("demo", {"fullnameOverride": "runs"}, "runs"),
        ("d" * 53, {}, "d" * 53 + "-mlflow"),
        ("demo", {"fullnameOverride": "x" * 62 + "-y"}, "x" * 62),
    ],
)
@shows("nameOverride", "fullnameOverride")
def test_objects_are_called_as_the_old_chart_called_them(
    render: Render, release: str, values: dict[str, Any], name: str
) -> None:
    objects = render(values, release=release)
    labels = objects.one("Deployment")["spec"]["selector"]["matchLabels"]

    assert objects.one("Deployment")["metadata"]["name"] == name
    assert objects.one("Service")["metadata"]["name"] == name
    assert all(len(each["metadata"]["name"]) <= 63 for each in objects)
    assert labels == {
        "app": values.get("nameOverride", "mlflow"),
        "app.kubernetes.io/name": values.get("nameOverride", "mlflow"),
        "app.kubernetes.io/instance": release,
    }
    assert labels.items() <= objects.template["metadata"]["labels"].items()
    assert {"name": "FLOWSHIP_SERVICE", "value": f"{name}.team-a"} in objects.server["env"]


def test_only_the_servers_pods_have_the_labels_that_the_service_selects(render: Render) -> None:
    objects = render()
    selector = objects.one("Service")["spec"]["selector"]

    assert selector == objects.one("Deployment")["spec"]["selector"]["matchLabels"]
    assert selector.keys().isdisjoint(objects.one("Pod")["metadata"]["labels"])


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, f"flowship/mlflow:{VERSIONS}"),
        ({"repository": "registry.example.com/team/flowship"}, f"registry.example.com/team/flowship:{VERSIONS}"),
        ({"tag": "1.2"}, "flowship/mlflow:1.2"),
        ({"tag": "1.2", "digest": DIGEST}, f"flowship/mlflow@{DIGEST}"),
    ],
    ids=lambda value: str(value)[:40],
)
@shows("image.repository", "image.tag", "image.digest")
def test_every_container_runs_the_same_image(render: Render, image: dict[str, str], expected: str) -> None:
    objects = render({"image": image})

    assert {step["image"] for step in objects.steps.values()} == {expected}
    assert objects.one("Pod")["spec"]["containers"][0]["image"] == expected


@pytest.mark.parametrize(("values", "size"), [({}, "2Gi"), ({"server.temporarySpace": "500Mi"}, "500Mi")])
@shows("server.temporarySpace")
def test_the_temporary_directory_of_a_pod_has_a_size(render: Render, values: dict[str, str], size: str) -> None:
    volumes = {volume["name"]: volume for volume in render(values).pod["volumes"]}

    assert volumes["flowship-tmp"] == {"name": "flowship-tmp", "emptyDir": {"sizeLimit": size}}


@shows("image.pullPolicy", "imagePullSecrets")
def test_how_the_image_is_pulled_is_said_for_every_pod(render: Render) -> None:
    objects = render({"image.pullPolicy": "Never", "imagePullSecrets": [{"name": "registry"}]})

    assert {step["imagePullPolicy"] for step in objects.steps.values()} == {"Never"}
    for pod in (objects.pod, objects.one("Pod")["spec"]):
        assert pod["imagePullSecrets"] == [{"name": "registry"}]


@shows("replicaCount")
def test_the_number_of_pods_is_the_one_of_the_values_zero_included(render: Render) -> None:
    assert render({**SHARED, "replicaCount": 3}).one("Deployment")["spec"]["replicas"] == 3
    assert render({"replicaCount": 0}).one("Deployment")["spec"]["replicas"] == 0
    assert render().one("Deployment")["spec"]["replicas"] == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "Recreate"),
        ({**S3}, "Recreate"),
        ({**POSTGRES}, "Recreate"),
        ({**POSTGRES, "persistence.accessMode": "ReadWriteMany"}, "RollingUpdate"),
        ({"persistence.accessMode": "ReadWriteMany"}, "Recreate"),
        ({**SHARED}, "RollingUpdate"),
        ({**SHARED, **AUTH}, "Recreate"),
        ({**SHARED, "backendStore.fromSQLite": True}, "Recreate"),
        ({**SHARED, "strategy.type": "Recreate"}, "Recreate"),
        ({"strategy.type": "RollingUpdate"}, "RollingUpdate"),
    ],
    ids=lambda value: ",".join(value)[-60:] if isinstance(value, dict) else value,
)
@shows("strategy.type")
def test_pods_with_files_of_their_own_are_not_replaced_while_the_old_one_runs(
    render: Render, values: dict[str, Any], expected: str
) -> None:
    strategy = render(values).one("Deployment")["spec"]["strategy"]

    assert strategy["type"] == expected
    assert ("rollingUpdate" in strategy) is (expected == "RollingUpdate")


@shows("strategy.rollingUpdate.maxSurge", "strategy.rollingUpdate.maxUnavailable")
def test_a_rolling_update_starts_all_new_pods_first_unless_told_otherwise(render: Render) -> None:
    own = {"strategy.rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}

    assert render(SHARED).one("Deployment")["spec"]["strategy"]["rollingUpdate"] == {
        "maxSurge": "100%", "maxUnavailable": 0,
    }  # fmt: skip
    assert render({**SHARED, **own}).one("Deployment")["spec"]["strategy"]["rollingUpdate"] == {
        "maxSurge": 1, "maxUnavailable": "25%",
    }  # fmt: skip


@shows("terminationGracePeriodSeconds", "server.drainDelaySeconds", "server.shutdownTimeoutSeconds")
def test_a_pod_is_given_the_time_that_its_shutdown_takes(render: Render) -> None:
    server = {"server.drainDelaySeconds": 10, "server.shutdownTimeoutSeconds": 300}

    assert render().pod["terminationGracePeriodSeconds"] == 75
    assert render(server).pod["terminationGracePeriodSeconds"] == 320
    assert render({**server, "terminationGracePeriodSeconds": 600}).pod["terminationGracePeriodSeconds"] == 600


def test_a_pod_is_told_nothing_that_mlflow_could_take_for_its_own(render: Render) -> None:
    objects = render()

    assert objects.pod["enableServiceLinks"] is False
    assert objects.one("Pod")["spec"]["enableServiceLinks"] is False


@shows("serviceAccount.automount", "serviceAccount.create", "serviceAccount.name", "serviceAccount.annotations")
def test_the_service_account_carries_a_role_and_gives_no_token_unless_asked(render: Render) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/mlflow"}
    default = render()
    own = render({"serviceAccount": {"name": "runs", "annotations": role, "automount": True}})
    others = render({"serviceAccount": {"create": False, "name": "theirs"}})
    nobody = render({"serviceAccount.create": False})

    assert default.one("ServiceAccount")["automountServiceAccountToken"] is False
    assert default.pod["automountServiceAccountToken"] is False
    assert default.pod["serviceAccountName"] == default.one("ServiceAccount")["metadata"]["name"] == "demo-mlflow"
    assert own.one("ServiceAccount")["metadata"]["annotations"] == role
    assert own.one("ServiceAccount")["automountServiceAccountToken"] is own.pod["automountServiceAccountToken"] is True
    assert own.pod["serviceAccountName"] == own.one("ServiceAccount")["metadata"]["name"] == "runs"
    assert (others.of("ServiceAccount"), others.pod["serviceAccountName"]) == ([], "theirs")
    assert (nobody.of("ServiceAccount"), nobody.pod["serviceAccountName"]) == ([], "default")


@shows("podLabels", "podAnnotations")
def test_pods_carry_labels_and_annotations_of_the_users_own(render: Render) -> None:
    metadata = render({"podLabels": {"team": "a"}, "podAnnotations": {"a.example.com/b": "c"}}).template["metadata"]

    assert metadata["labels"]["team"] == "a"
    assert metadata["annotations"]["a.example.com/b"] == "c"
    assert "checksum/values" in metadata["annotations"]


@shows("podSecurityContext", "securityContext")
def test_security_contexts_of_the_users_own_lie_over_the_safe_ones(render: Render) -> None:
    objects = render({"podSecurityContext": {"fsGroup": 2000}, "securityContext": {"runAsUser": 3000}})

    for pod in (objects.pod, objects.one("Pod")["spec"]):
        assert pod["securityContext"]["fsGroup"] == 2000
        assert "runAsUser" not in pod["securityContext"]
    for step in objects.steps.values():
        assert (step["securityContext"]["runAsUser"], step["securityContext"]["runAsGroup"]) == (3000, 1001)
        assert step["securityContext"]["readOnlyRootFilesystem"] is True
    assert "securityContext" not in render({"podSecurityContext": None}).pod
    assert "securityContext" not in render({"securityContext": None}).server


def test_containers_of_the_users_own_run_as_their_images_say_and_ours_as_ours(render: Render) -> None:
    own = {"extraContainers": [{"name": "a", "image": "a"}], "initContainers": [{"name": "b", "image": "b"}]}
    pods = [render(own).pod, render({**own, "podSecurityContext.runAsUser": 2000}).pod]

    assert [pod["securityContext"].get("runAsUser") for pod in pods] == [None, 2000]
    for pod in pods:
        assert "runAsNonRoot" not in pod["securityContext"]
        assert pod["securityContext"]["fsGroup"] == 1001
        assert pod["containers"][0]["securityContext"]["runAsNonRoot"] is True
        assert all("securityContext" not in pod[kind][-1] for kind in ("containers", "initContainers"))
    assert [pod["containers"][0]["securityContext"].get("runAsUser") for pod in pods] == [1001, None]
    assert [pod["containers"][0]["securityContext"].get("runAsGroup") for pod in pods] == [1001, 1001]


@pytest.mark.parametrize(
    ("values", "token"),
    [
        ({"extraContainers": [{"name": "a", "image": "a"}]}, True),
        ({"initContainers": [{"name": "a", "image": "a"}]}, True),
        ({"podAnnotations": {"vault.hashicorp.com/agent-inject": "true"}}, True),
        ({"extraContainers": [{"name": "a", "image": "a"}], "serviceAccount.automount": False}, False),
        ({"podAnnotations": {"a": "b"}}, False),
    ],
)
def test_containers_of_the_users_own_get_the_token_that_chart_0165_gave_them(
    render: Render, values: dict[str, Any], token: bool
) -> None:
    objects = render(values)

    assert objects.pod["automountServiceAccountToken"] is token
    assert objects.one("ServiceAccount")["automountServiceAccountToken"] is token


@shows("resources")
def test_resources_are_those_of_every_container(render: Render) -> None:
    default = render()
    own = render({"resources": {"limits": {"cpu": 2, "memory": "2Gi"}}})

    for step in default.steps.values():
        assert step["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "limits" not in step["resources"]
    for step in own.steps.values():
        assert step["resources"] == {"limits": {"cpu": 2, "memory": "2Gi"}}, "Kubernetes requests what the limits say"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"limits": {"memory": "512Mi"}}, {"limits": {"memory": "512Mi"}, "requests": {"cpu": "250m"}}),
        ({"requests": {"memory": "2Gi"}}, {"requests": {"cpu": "250m", "memory": "2Gi"}}),
        ({"requests": {"cpu": None}}, {"requests": {"memory": "768Mi"}}),
        (
            {"requests": {"cpu": 1}, "limits": {"cpu": 2}},
            {"requests": {"cpu": 1, "memory": "768Mi"}, "limits": {"cpu": 2}},
        ),
        ({}, {"requests": {"cpu": "250m", "memory": "768Mi"}}),
        (None, None),
    ],
)
@shows("resources", "backup.resources", "postgresql.primary.resources", "mysql.primary.resources")
def test_requests_of_ours_yield_to_what_is_given_wherever_containers_ask(
    render: Render, given: dict[str, Any] | None, asked: dict[str, Any] | None
) -> None:
    """A request above a limit would be refused by the API server; each part has requests of its own."""
    values = {"postgresql.enabled": True, "resources": given}
    if given is not None:  # of which Helm 3 warns below a subchart
        values["postgresql.primary.resources"] = given
    objects = render({**values, "backup.enabled": True, "backup.resources": given})
    ours = {"250m": "100m", "768Mi": "256Mi"}
    backup = objects.one("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    for container in [*objects.steps.values(), *objects.one("Pod")["spec"]["containers"]]:
        assert container.get("resources") == asked
    (database,) = objects.one("StatefulSet")["spec"]["template"]["spec"]["containers"]
    if given is not None:
        assert database.get("resources") == _with(asked, {"768Mi": "512Mi"})
    (begins, dumps) = backup["initContainers"]
    for container in (begins, dumps, *backup["containers"]):
        assert container.get("resources") == _with(asked, ours)


def _with(asked: dict[str, Any] | None, amounts: dict[str, str]) -> dict[str, Any] | None:
    """The same, with other amounts for requests of ours."""
    if asked is None:
        return None
    found = {name: amounts.get(amount, amount) for name, amount in asked.get("requests", {}).items()}
    return {**asked, "requests": found} if found else asked


@shows("nodeSelector", "tolerations", "affinity", "priorityClassName")
def test_where_pods_may_run_is_handed_over(render: Render) -> None:
    tolerations = [{"key": "dedicated", "operator": "Exists"}]
    term = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "mlflow"}}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    objects = render(
        {
            "nodeSelector": {"disk": "fast"},
            "tolerations": tolerations,
            "affinity": affinity,
            "priorityClassName": "high",
        }
    )

    assert objects.pod["nodeSelector"] == objects.one("Pod")["spec"]["nodeSelector"] == {"disk": "fast"}
    assert objects.pod["tolerations"] == objects.one("Pod")["spec"]["tolerations"] == tolerations
    assert objects.pod["affinity"] == affinity
    assert objects.pod["priorityClassName"] == "high"


@shows("topologySpreadConstraints")
def test_pods_are_spread_by_the_releases_own_labels_unless_told_otherwise(render: Render) -> None:
    zone = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    selecting = {**zone, "labelSelector": {"matchLabels": {"team": "a"}}}
    objects = render({"topologySpreadConstraints": [zone, selecting]})

    own = {"labelSelector": objects.one("Deployment")["spec"]["selector"]}
    assert objects.pod["topologySpreadConstraints"] == [{**zone, **own}, selecting]


@pytest.mark.parametrize(
    ("probe", "path", "expected"),
    [
        ("startupProbe", "/health", {"periodSeconds": 1, "timeoutSeconds": 3, "failureThreshold": 300}),
        (
            "livenessProbe",
            "/health",
            {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
        ),
        (
            "readinessProbe",
            "/ready",
            {"initialDelaySeconds": 0, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 3},
        ),
    ],
)
@shows("startupProbe", "livenessProbe", "readinessProbe")
def test_a_probe_asks_the_inner_port_and_its_timing_is_the_users(
    render: Render, probe: str, path: str, expected: dict[str, int]
) -> None:
    question = {"httpGet": {"path": path, "port": "metrics"}}
    handler = {"tcpSocket": {"port": 5000}}

    assert render().server[probe] == {**question, **expected}
    assert render({f"{probe}.periodSeconds": 7}).server[probe] == {**question, **expected, "periodSeconds": 7}
    assert render({probe: handler}).server[probe] == {**handler, **expected}
    assert probe not in render({probe: None}).server


def test_the_probes_ask_the_same_with_a_static_prefix(render: Render) -> None:
    assert render({"extraArgs.staticPrefix": "/ml"}).server["readinessProbe"]["httpGet"]["path"] == "/ready"


@shows("backendStore.databaseConnectionCheck", "backendStore.databaseMigration", "initContainers")
def test_the_steps_run_in_their_order_and_then_the_users_own(render: Render) -> None:
    own = [{"name": "mine", "image": "own/mine"}, {"name": "proxy", "image": "own/proxy", "restartPolicy": "Always"}]
    all_of_them = {**POSTGRES, "backendStore.databaseConnectionCheck": True, "initContainers": own}
    neither = {**POSTGRES, "backendStore.databaseMigration": False}

    assert [each["name"] for each in render(all_of_them).pod["initContainers"]] == ["proxy", "wait", "migrate", "mine"]
    assert "initContainers" not in render(POSTGRES).pod
    assert render(POSTGRES).server["args"] == ["serve", "--migrate"]
    assert "initContainers" not in render(neither).pod
    assert render(neither).server["args"] == ["serve"]
    assert [render(all_of_them).steps[name]["args"] for name in ("wait", "migrate", "mlflow")] == [
        ["wait"], ["migrate"], ["serve"],
    ]  # fmt: skip


@shows("extraContainers")
def test_containers_of_the_users_own_run_beside_the_server(render: Render) -> None:
    own = {"name": "proxy", "image": "x"}

    assert render({"extraContainers": [own]}).pod["containers"][1:] == [own]


@shows("extraVolumes", "extraVolumeMounts")
def test_volumes_of_the_users_own_are_mounted_in_every_container(render: Render) -> None:
    volume = {"name": "certificates", "configMap": {"name": "own"}}
    mount = {"name": "certificates", "mountPath": "/certificates", "readOnly": True}
    objects = render(
        {
            **POSTGRES,
            "backendStore.databaseConnectionCheck": True,
            "extraVolumes": [volume],
            "extraVolumeMounts": [mount],
        }
    )

    assert volume in objects.pod["volumes"]
    assert volume in objects.one("Pod")["spec"]["volumes"]
    assert objects.steps.keys() == {"wait", "mlflow"}
    for container in (*objects.steps.values(), objects.one("Pod")["spec"]["containers"][0]):
        assert mount in container["volumeMounts"]


def test_a_volume_of_the_users_own_takes_the_place_of_ours(render: Render) -> None:
    volumes = [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "nfs", "nfs": {"server": "s", "path": "/"}}]
    mounts = [{"name": "tmp", "mountPath": "/tmp/"}, {"name": "nfs", "mountPath": "/var/lib/flowship"}]
    objects = render({"extraVolumes": volumes, "extraVolumeMounts": mounts})

    assert [each["name"] for each in objects.pod["volumes"]] == ["flowship-values", "tmp", "nfs"]
    assert objects.of("PersistentVolumeClaim") == []


@shows("auth.configPath")
def test_the_places_that_are_written_are_writable_and_no_others(render: Render) -> None:
    def writable(objects: Any) -> dict[str, dict[str, Any]]:
        volumes = {each["name"]: each for each in objects.pod["volumes"]}
        mounts = [each for each in objects.server["volumeMounts"] if not each.get("readOnly")]
        return {each["mountPath"]: volumes[each["name"]] for each in mounts}

    shared = writable(render(SHARED))
    with_users = writable(render({**SHARED, **AUTH, "auth.configPath": "/run/users/"}))

    assert {path: "emptyDir" in volume for path, volume in shared.items()} == {
        "/tmp": True, "/var/lib/flowship": True,
    }  # fmt: skip
    assert with_users["/run/users"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Mi"}
    assert "persistentVolumeClaim" in with_users["/var/lib/flowship"]
    assert len(with_users) == 3


@shows("extraObjects")
def test_objects_of_the_users_own_are_installed_as_they_are(render: Render) -> None:
    own = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "dashboard"},
        "data": {"text": "{{ $labels.pod }}: 100 %"},
    }
    objects = render({"extraObjects": [own, {**own, "metadata": {"name": "other"}}]})

    assert objects.one("ConfigMap", "dashboard") == own
    assert objects.of("ConfigMap", "other")


@shows("tls.secretName")
def test_a_certificate_makes_the_pods_speak_https(render: Render) -> None:
    objects = render({"tls.secretName": "own-tls"})
    folder = "/var/run/secrets/flowship/tls"

    assert objects.server["args"] == [
        "serve", "--tls-certificate", f"{folder}/tls.crt", "--tls-key", f"{folder}/tls.key", "--migrate",
    ]  # fmt: skip
    assert {"name": "flowship-tls", "mountPath": folder, "readOnly": True} in objects.server["volumeMounts"]
    assert objects.one("Pod")["spec"]["containers"][0]["args"][-1] == "https://demo-mlflow.team-a:5000"
    assert objects.server["readinessProbe"]["httpGet"]["port"] == "metrics"


@shows("helmTest.existingSecret.name", "helmTest.existingSecret.usernameKey", "helmTest.existingSecret.passwordKey")
def test_helm_test_logs_in_as_whom_a_secret_names(render: Render) -> None:
    default = render()
    named = render({"helmTest.existingSecret": {"name": "tester", "usernameKey": "u", "passwordKey": "p"}})
    (container,) = named.one("Pod")["spec"]["containers"]

    assert default.one("Pod")["spec"]["containers"][0]["args"] == [
        "smoke-test", "--url", "http://demo-mlflow.team-a:5000",
    ]  # fmt: skip
    for variable, key in {"MLFLOW_TRACKING_USERNAME": "u", "MLFLOW_TRACKING_PASSWORD": "p"}.items():
        assert {"name": variable, "valueFrom": {"secretKeyRef": {"name": "tester", "key": key}}} in container["env"]
    assert "demo-mlflow-data" not in str(named.one("Pod")), "a second pod may not be able to hold the claim"


def test_annotations_hold_any_text(render: Render) -> None:
    texts = {"merge": "<<", "default": "=", "comment": "a # b"}
    annotations = render({"podAnnotations": texts}).one("Deployment")["spec"]["template"]["metadata"]["annotations"]

    assert texts.items() <= annotations.items()


PROXY = {"extraContainers": [{"name": "proxy", "image": "proxy"}]}
FETCHING = {
    "initContainers": [{"name": "fetch", "image": "fetch"}],
    "extraVolumes": [{"name": "ca", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
}


@pytest.mark.parametrize(
    ("values", "in_the_server"),
    [
        ({**PROXY, "backendStore.postgres.host": "localhost"}, True),
        ({**PROXY, "backendStore.postgres.host": "127.0.0.1"}, True),
        ({**PROXY, "backendStore.postgres.host": "/cloudsql/a:b:c"}, True),
        ({**PROXY, "backendStore.postgres.host": "", "extraEnvVars": {"PGHOST": "localhost"}}, True),
        ({**PROXY, **AUTH, **AUTH_POSTGRES, "auth.postgres.host": "localhost"}, True),
        (PROXY, False),
        ({"backendStore.postgres.host": "localhost"}, False),
        (FETCHING, True),
        ({**FETCHING, "extraVolumes": [{"name": "ca", "secret": {"secretName": "ca"}}]}, False),
        ({**FETCHING, "initContainers": [{"name": "a", "image": "a", "restartPolicy": "Always"}]}, False),
    ],
    ids=str,
)
def test_the_server_waits_and_migrates_where_a_step_before_it_would_come_too_early(
    render: Render, values: dict[str, Any], in_the_server: bool
) -> None:
    objects = render({**POSTGRES, "backendStore.databaseConnectionCheck": True, **values})

    assert ("wait" in objects.steps) is not in_the_server


@pytest.mark.parametrize(
    ("own", "in_the_server"),
    [
        ([], True),
        ([{"name": "a", "image": "a", "restartPolicy": "Always"}], True),
        ([{"name": "a", "image": "a"}], False),
        ([{"name": "a", "image": "a", "restartPolicy": "Always"}, {"name": "b", "image": "b"}], False),
    ],
    ids=str,
)
def test_the_server_migrates_unless_an_init_container_may_need_the_tables(
    render: Render, own: list[dict[str, str]], in_the_server: bool
) -> None:
    objects = render({**POSTGRES, "initContainers": own})

    assert ("migrate" in objects.steps) is not in_the_server
    assert objects.server["args"] == (["serve", "--migrate"] if in_the_server else ["serve"])


def test_a_server_that_may_not_migrate_does_not(render: Render) -> None:
    objects = render({**POSTGRES, **FETCHING, "backendStore.databaseMigration": False})

    assert objects.server["args"] == ["serve"]


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({}, True),
        ({"flaskServerSecretKey": "new"}, False),
        ({"extraEnvVars": {"mlflow_flask_server_secret_key": "new"}}, False),
        ({"existingFlaskSecret.name": "mine"}, False),
    ],
)
@shows("flaskServerSecretKey")
def test_the_key_that_a_hook_of_chart_0165_left_gives_way_to_one_of_the_values(
    render: Render, values: dict[str, Any], read: bool
) -> None:
    for step in render({**values, "extraSecretNamesForEnvFrom": ["others"]}).steps.values():
        names = [each["secretRef"]["name"] for each in step["envFrom"]]
        assert names == [*(["demo-mlflow-flask-server-secret-key"] if read else []), "others"]

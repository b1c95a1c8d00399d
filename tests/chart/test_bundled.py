"""The databases that the chart installs: their objects, how MLflow reaches them, where their passwords come from."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import flowship
from tests.chart.rendering import CHART, KEPT, RenderingError, rendered, require_restricted
from tests.effects import shows
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, S3, nested

if TYPE_CHECKING:
    from tests.chart.conftest import Render
    from tests.chart.rendering import Objects

SECTIONS = ("postgresql", "mysql")
EACH = pytest.mark.parametrize("section", SECTIONS)
HOST = {"postgresql": "PGHOST", "mysql": "MYSQL_HOST"}
USER = {"postgresql": "PGUSER", "mysql": "MYSQL_USERNAME"}
SUPERUSER = {"postgresql": "postgres", "mysql": "root"}
PASSWORD = {"postgresql": "PGPASSWORD", "mysql": "MYSQL_PWD"}
ADMIN_KEY = {"postgresql": "postgres-password", "mysql": "mysql-root-password"}
USER_KEY = {"postgresql": "password", "mysql": "mysql-password"}
ADMIN = {"postgresql": "postgresPassword", "mysql": "rootPassword"}
PORT = {"postgresql": 5432, "mysql": 3306}
DATA = {"postgresql": "/var/lib/postgresql/data", "mysql": "/var/lib/mysql"}
SECRET = "p@ss/w%rd: #1 \"$HOME\" <ü> 'quoted' \\ \t {{ .Values }} & 漢字"
HOOKED = {"Job", "ServiceAccount", "Role", "RoleBinding"}


def on(section: str, **values: Any) -> dict[str, Any]:
    """The section with these of its keys, with `__` for a dot."""
    return {f"{section}.enabled": True, **{f"{section}.{key.replace('__', '.')}": each for key, each in values.items()}}


def pod(objects: Objects) -> dict[str, Any]:
    found: dict[str, Any] = objects.one("StatefulSet")["spec"]["template"]["spec"]
    return found


def server(objects: Objects) -> dict[str, Any]:
    (found,) = pod(objects)["containers"]
    result: dict[str, Any] = found
    return result


def variables(container: dict[str, Any]) -> dict[str, Any]:
    """Each variable: its value, or the Secret and the key in it."""
    found = {}
    for each in container["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef", {})
        found[each["name"]] = each.get("value") or (reference["name"], reference["key"])
    return found


def claim(objects: Objects) -> dict[str, Any]:
    return next(each for each in objects.of("PersistentVolumeClaim") if "mlflow" not in each["metadata"]["name"])


def held(objects: Objects, name: str) -> dict[str, str]:
    data = objects.one("Secret", name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


@EACH
@shows("postgresql.enabled", "mysql.enabled")
def test_a_database_is_these_objects_and_passes_the_restricted_standard(render: Render, section: str) -> None:
    name = f"demo-{section}"
    objects = render(on(section))
    added = objects.names - render().names

    assert added == {
        ("StatefulSet", f"{name}-server"),
        ("Service", name),
        ("PersistentVolumeClaim", f"{name}-data"),
        ("ConfigMap", f"{name}-scripts"),
        *((kind, f"{name}-passwords") for kind in HOOKED),
    }
    require_restricted(objects)


@EACH
@pytest.mark.parametrize(
    ("release", "values", "host"),
    [
        ("mlflow", {}, "mlflow-{}"),
        ("demo", {}, "demo-{}"),
        ("demo", {"fullnameOverride": "tracking"}, "demo-{}"),
        ("mlflow", {"nameOverride": "tracking"}, "mlflow-{}"),
        ("{}", {}, "{}"),
        ("team-{}", {}, "team-{}"),
        ("mlflow-{}", {}, "mlflow-{0}-{0}"),
        ("m" * 53, {}, f"{'m' * 53}-{{}}"),
    ],
    ids=str,
)
def test_mlflow_and_scripts_find_the_service_whatever_the_release_is_called(
    render: Render, section: str, release: str, values: dict[str, Any], host: str
) -> None:
    objects = render({**on(section), **values}, release=release.format(section))
    name = host.format(section)[:63]

    assert objects.of("Service", name)
    for step in objects.steps.values():
        assert variables(step)[HOST[section]] == name
        assert variables(step)[USER[section]] == "mlflow"
        assert variables(step)[PASSWORD[section]] == variables(server(objects))["DATABASE_PASSWORD"]
    service, workload = objects.one("Service", name), objects.one("StatefulSet")
    assert service["spec"]["selector"] == workload["spec"]["selector"]["matchLabels"]
    assert service["spec"]["selector"] == workload["spec"]["template"]["metadata"]["labels"]
    assert len(workload["metadata"]["name"]) <= 52, "Kubernetes makes a label of it and a hash"
    assert workload["metadata"]["name"] != name, "the old chart's StatefulSet, which cannot be changed into this one"


@EACH
def test_mlflow_and_its_database_cannot_have_one_name(render: Render, section: str) -> None:
    with pytest.raises(RenderingError, match=f"fullnameOverride, nameOverride: .* demo-{section}. Write another one."):
        render({**on(section), "fullnameOverride": f"demo-{section}"})


@EACH
def test_mlflows_service_never_finds_the_database(render: Render, section: str) -> None:
    objects = render({**on(section), "nameOverride": section, "fullnameOverride": "tracking"})
    labels = objects.one("StatefulSet")["spec"]["template"]["metadata"]["labels"]

    assert not objects.one("Service", "tracking")["spec"]["selector"].items() <= labels.items()


@EACH
@shows("postgresql.auth.database", "postgresql.auth.username", "mysql.auth.database", "mysql.auth.username")
def test_the_server_is_made_with_the_database_and_the_user_of_the_values(render: Render, section: str) -> None:
    default = variables(server(render(on(section))))
    own = variables(server(render(on(section, auth__database="runs", auth__username="ann"))))
    name = f"demo-{section}"

    database, password = {
        "postgresql": ("POSTGRES_DB", "POSTGRES_PASSWORD"),
        "mysql": ("MYSQL_DATABASE", "MYSQL_ROOT_PASSWORD"),
    }[section]
    assert (default[database], own[database]) == ("mlflow", "runs")
    assert default[password] == own[password] == (name, ADMIN_KEY[section])
    assert (default["DATABASE_USER"], own["DATABASE_USER"]) == ("mlflow", "ann")
    assert default["DATABASE_PASSWORD"] == (f"{name}-user", USER_KEY[section])
    assert own["DATABASE_PASSWORD"] == (name, USER_KEY[section])


@EACH
@pytest.mark.parametrize(
    "given",
    [{}, {"password": "sesame"}, {"existingSecret": "own", "secretKeys": {"adminPasswordKey": "password"}}],
    ids=["made", "given", "existing"],
)
def test_mlflow_is_never_the_superuser_nor_told_its_password(
    render: Render, section: str, given: dict[str, Any]
) -> None:
    for superuser in ({}, {"username": SUPERUSER[section]}):
        objects = render({**on(section, auth={**given, **superuser}), "backup.enabled": True})
        backup = objects.one("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        for container in (*objects.steps.values(), *backup["containers"], *backup["initContainers"]):
            if "env" in container:
                assert variables(container)[USER[section]] == "mlflow"
                assert variables(container)[PASSWORD[section]] == (f"demo-{section}-user", USER_KEY[section])
        (job,) = objects.one("Job", f"demo-{section}-passwords")["spec"]["template"]["spec"]["containers"]
        assert f"demo-{section}-user/{USER_KEY[section]}" in job["args"]


@EACH
def test_the_superuser_by_name_is_as_good_as_no_name(render: Render, section: str) -> None:
    default, named = render(on(section)), render(on(section, auth__username=SUPERUSER[section]))

    assert server(default) == server(named)
    assert default.one("Job") == named.one("Job")


@EACH
@shows("postgresql.auth.password", "mysql.auth.password")
def test_a_password_that_was_given_is_in_a_secret_that_stays_and_nowhere_else(render: Render, section: str) -> None:
    objects = render(on(section, auth__password=SECRET))
    name = f"demo-{section}"

    assert objects.containing(SECRET) == {("Secret", name)}
    assert held(objects, name) == {ADMIN_KEY[section]: SECRET}
    assert objects.one("Secret", name)["metadata"]["annotations"] == KEPT
    assert (name, ADMIN_KEY[section]) in variables(server(objects)).values()
    assert objects.one("Role")["rules"][0]["resourceNames"] == [f"{name}-user"], "only MLflow's is made"


@EACH
@shows("postgresql.auth.postgresPassword", "mysql.auth.rootPassword")
def test_with_both_passwords_given_nothing_is_made(render: Render, section: str) -> None:
    values = on(section, auth__username="ann", auth__password="sesame", **{f"auth__{ADMIN[section]}": SECRET})
    objects = render(values)

    assert held(objects, f"demo-{section}") == {USER_KEY[section]: "sesame", ADMIN_KEY[section]: SECRET}
    assert objects.of("Job") == []
    assert objects.containing(SECRET) == {("Secret", f"demo-{section}")}
    for step in objects.steps.values():
        assert variables(step)[PASSWORD[section]] == (f"demo-{section}", USER_KEY[section])


@EACH
def test_a_password_that_was_given_stands_apart_from_one_that_is_made(render: Render, section: str) -> None:
    """Helm refuses to render what a hook of the same installation has made."""
    objects = render(on(section, auth__username="ann", auth__password=SECRET))
    (job,) = objects.one("Job")["spec"]["template"]["spec"]["containers"]
    apart = f"demo-{section}-given"

    assert held(objects, apart) == {USER_KEY[section]: SECRET}
    assert objects.of("Secret", f"demo-{section}") == []
    assert job["args"][-2:] == ["--password", f"demo-{section}/{ADMIN_KEY[section]}"]
    assert variables(objects.server)[PASSWORD[section]] == (apart, USER_KEY[section])
    assert {(apart, USER_KEY[section]), (f"demo-{section}", ADMIN_KEY[section])} <= set(
        variables(server(objects)).values()
    )


@EACH
def test_passwords_that_nobody_gave_are_made_before_the_rest_by_a_job_that_may_do_nothing_else(
    render: Render, section: str
) -> None:
    objects = render(on(section), release="mlflow")
    job, role = objects.one("Job"), objects.one("Role")
    made, name = f"mlflow-{section}", f"mlflow-{section}-passwords"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    passwords = [f"{made}/{ADMIN_KEY[section]}", f"{made}-user/{USER_KEY[section]}"]

    assert container["args"] == [
        "make-passwords", "--release", "mlflow", "--password", passwords[0], "--password", passwords[1],
    ]  # fmt: skip
    assert role["rules"] == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": [made, f"{made}-user"],
            "verbs": ["get", "patch"],
        },
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
    ]
    assert objects.one("RoleBinding")["subjects"] == [{"kind": "ServiceAccount", "name": name, "namespace": "team-a"}]
    assert job["spec"]["template"]["spec"]["serviceAccountName"] == name
    weights = {}
    for each in (job, role, objects.one("RoleBinding"), objects.one("ServiceAccount", name)):
        hook = each["metadata"]["annotations"]
        assert hook["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert hook["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
        weights[each["kind"]] = int(hook["helm.sh/hook-weight"])
    assert max(weights, key=lambda kind: weights[kind]) == "Job"


@EACH
def test_only_that_job_has_a_token_and_it_needs_nothing_that_is_not_there_yet(render: Render, section: str) -> None:
    objects = render(on(section))
    job = objects.one("Job")["spec"]["template"]["spec"]
    labels = objects.one("Job")["spec"]["template"]["metadata"]["labels"]

    assert job["automountServiceAccountToken"] is True
    assert objects.one("ServiceAccount", f"demo-{section}-passwords")["automountServiceAccountToken"] is False
    assert objects.pod["automountServiceAccountToken"] is pod(objects)["automountServiceAccountToken"] is False
    assert "env" not in job["containers"][0]
    assert [each["name"] for each in job["volumes"]] == ["tmp"]
    assert not objects.one("Service", "demo-mlflow")["spec"]["selector"].items() <= labels.items()


@EACH
@shows(
    "postgresql.auth.existingSecret",
    "postgresql.auth.secretKeys.adminPasswordKey",
    "postgresql.auth.secretKeys.userPasswordKey",
    "mysql.auth.existingSecret",
    "mysql.auth.secretKeys.adminPasswordKey",
    "mysql.auth.secretKeys.userPasswordKey",
)
def test_a_secret_of_the_users_own_holds_the_passwords(render: Render, section: str) -> None:
    secret = {"existingSecret": "own", "username": "ann"}
    default = render(on(section, auth=secret))
    keys = {"adminPasswordKey": "admin", "userPasswordKey": "user"}
    own = render(on(section, auth={**secret, "secretKeys": keys}))

    assert default.of("Job") == own.of("Job") == default.of("Secret", f"demo-{section}") == []
    assert variables(default.server)[PASSWORD[section]] == ("own", USER_KEY[section])
    assert variables(own.server)[PASSWORD[section]] == ("own", "user")
    assert {("own", "admin"), ("own", "user")} <= set(variables(server(own)).values())


@EACH
def test_mlflow_is_replaced_when_a_password_that_was_given_changes(section: str) -> None:
    def template(**values: Any) -> dict[str, Any]:
        return rendered(nested(on(section, **values))).template

    assert template(auth__password="sesame") != template(auth__password="other one")
    assert template() == template(primary__resources={}, primary__persistence__size="9Gi", image__pullPolicy="Always")


@EACH
@shows("postgresql.primary.service.ports.postgresql", "mysql.primary.service.ports.mysql")
def test_the_service_has_the_port_of_the_values_and_mlflow_asks_there(render: Render, section: str) -> None:
    objects = render(on(section, **{f"primary__service__ports__{section}": 6000}))
    (port,) = objects.one("Service", f"demo-{section}")["spec"]["ports"]
    (own,) = server(objects)["ports"]

    assert (port["port"], port["targetPort"]) == (6000, own["name"])
    assert own["containerPort"] == PORT[section]
    assert objects.pod_values[section]["primary"]["service"]["ports"] == {section: 6000}


@EACH
@shows(
    "postgresql.primary.persistence.enabled",
    "postgresql.primary.persistence.existingClaim",
    "mysql.primary.persistence.enabled",
    "mysql.primary.persistence.existingClaim",
)
def test_the_data_is_on_a_claim_of_the_chart_or_of_the_user_or_nowhere(render: Render, section: str) -> None:
    def volume(**values: Any) -> tuple[dict[str, Any], set[str]]:
        objects = render({**on(section, **values), **S3})
        (found,) = (each for each in pod(objects)["volumes"] if each["name"] == "data")
        (mount,) = (each for each in server(objects)["volumeMounts"] if each["name"] == "data")
        assert mount["mountPath"] == DATA[section]
        return found, {each["metadata"]["name"] for each in objects.of("PersistentVolumeClaim")}

    own = f"demo-{section}-data"
    assert volume() == ({"name": "data", "persistentVolumeClaim": {"claimName": own}}, {own})
    assert volume(primary__persistence__existingClaim="mine") == (
        {"name": "data", "persistentVolumeClaim": {"claimName": "mine"}},
        set(),
    )
    assert volume(primary__persistence__enabled=False) == ({"name": "data", "emptyDir": {}}, set())


@EACH
@shows(
    "postgresql.primary.persistence.size",
    "postgresql.primary.persistence.storageClass",
    "postgresql.primary.persistence.accessModes",
    "postgresql.primary.persistence.annotations",
    "mysql.primary.persistence.size",
    "mysql.primary.persistence.storageClass",
    "mysql.primary.persistence.accessModes",
    "mysql.primary.persistence.annotations",
)
def test_the_claim_is_the_users_and_outlives_the_release(render: Render, section: str) -> None:
    persistence = {
        "size": "50Gi", "storageClass": "fast", "accessModes": ["ReadWriteOncePod"], "annotations": {"a": "b"},
    }  # fmt: skip
    default, own = claim(render(on(section))), claim(render(on(section, primary__persistence=persistence)))
    none = claim(render(on(section, primary__persistence__storageClass="-")))

    assert default["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}}
    assert default["metadata"]["annotations"] == KEPT
    assert own["spec"] == {
        "accessModes": ["ReadWriteOncePod"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "50Gi"}},
    }
    assert own["metadata"]["annotations"] == {**KEPT, "a": "b"}
    assert none["spec"]["storageClassName"] == ""


@pytest.mark.parametrize(
    ("section", "image", "name"),
    [
        ("postgresql", {}, "postgres:17"),
        (
            "postgresql",
            {"repository": "registry.example.com/postgres", "tag": "16"},
            "registry.example.com/postgres:16",
        ),
        ("postgresql", {"digest": f"sha256:{'a' * 64}"}, f"postgres@sha256:{'a' * 64}"),
        ("mysql", {}, "mysql:9"),
        ("mysql", {"tag": "8.4"}, "mysql:8.4"),
        ("mysql", {"repository": "mariadb"}, "mariadb:11"),
        ("mysql", {"repository": "registry.example.com/library/mariadb"}, "registry.example.com/library/mariadb:11"),
        ("mysql", {"repository": "mariadb", "tag": "11.4"}, "mariadb:11.4"),
        ("mysql", {"digest": f"sha256:{'b' * 64}"}, f"mysql@sha256:{'b' * 64}"),
    ],
)
@shows(
    "postgresql.image.repository",
    "postgresql.image.tag",
    "postgresql.image.digest",
    "mysql.image.repository",
    "mysql.image.tag",
    "mysql.image.digest",
)
def test_the_image_is_the_official_one_or_the_users(
    render: Render, section: str, image: dict[str, str], name: str
) -> None:
    found = pod(render(on(section, image=image)))

    assert {each["image"] for each in found["containers"]} == {name}


@EACH
@shows(
    "postgresql.image.pullPolicy",
    "postgresql.image.pullSecrets",
    "postgresql.primary.resources",
    "postgresql.primary.nodeSelector",
    "postgresql.primary.tolerations",
    "postgresql.primary.extraArgs",
    "mysql.image.pullPolicy",
    "mysql.image.pullSecrets",
    "mysql.primary.resources",
    "mysql.primary.nodeSelector",
    "mysql.primary.tolerations",
    "mysql.primary.extraArgs",
)
def test_the_pod_runs_as_the_values_say(render: Render, section: str) -> None:
    resources = {"requests": {"cpu": "2", "memory": "4Gi"}, "limits": {"memory": "4Gi"}}
    tolerations = [{"key": "dedicated", "operator": "Exists"}]
    primary = {
        "resources": resources,
        "nodeSelector": {"disk": "ssd"},
        "tolerations": tolerations,
        "extraArgs": ["--shared-buffers=1GB"],
    }
    objects = render(on(section, primary=primary, image={"pullPolicy": "Always", "pullSecrets": ["registry"]}))
    found = pod(objects)

    assert found["imagePullSecrets"] == [{"name": "registry"}]
    assert (found["nodeSelector"], found["tolerations"]) == ({"disk": "ssd"}, tolerations)
    for container in found["containers"]:
        assert (container["imagePullPolicy"], container["resources"]) == ("Always", resources)
    assert server(objects)["args"][-1] == "--shared-buffers=1GB"


@EACH
@shows("postgresql.architecture", "mysql.architecture")
def test_it_is_one_server(render: Render, section: str) -> None:
    assert render(on(section, architecture="standalone")).one("StatefulSet")["spec"]["replicas"] == 1
    with pytest.raises(RenderingError, match="architecture"):
        render(on(section, architecture="replication"))


@EACH
def test_its_files_are_where_it_may_write_and_the_rest_is_read_only(render: Render, section: str) -> None:
    found = pod(render(on(section)))
    (container,) = found["containers"]
    writable = {each["mountPath"] for each in container["volumeMounts"] if not each.get("readOnly")}
    run = {"postgresql": "/var/run/postgresql", "mysql": "/var/run/mysqld"}[section]

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert writable == {DATA[section], run, "/tmp", *({"/dev/shm"} if section == "postgresql" else ())}
    assert (found["securityContext"]["runAsUser"], found["securityContext"]["fsGroup"]) == (999, 999)
    for probe, script in (("startupProbe", "startup"), ("readinessProbe", "ready"), ("livenessProbe", "alive")):
        assert container[probe]["exec"]["command"] == ["sh", f"/scripts/{script}.sh"]


@EACH
def test_it_counts_as_shared_when_pods_are_scaled(render: Render, section: str) -> None:
    objects = render({**on(section), **S3, **AUTH, **AUTH_POSTGRES, "autoscaling.enabled": True})

    assert objects.of("HorizontalPodAutoscaler")
    assert objects.one("Deployment")["spec"]["strategy"]["type"] == "RollingUpdate"


@EACH
def test_a_network_policy_lets_mlflow_in_and_nobody_else(render: Render, section: str) -> None:
    objects = render({**on(section), "networkPolicy.enabled": True})
    mlflow = objects.one("NetworkPolicy", "demo-mlflow")["spec"]
    database = objects.one("NetworkPolicy", f"demo-{section}")["spec"]
    labels = objects.one("StatefulSet")["spec"]["selector"]["matchLabels"]
    port = [{"port": PORT[section]}]

    assert {"to": [{"podSelector": {"matchLabels": labels}}], "ports": port} in mlflow["egress"]
    assert database["podSelector"] == {"matchLabels": labels}
    assert database["policyTypes"] == ["Ingress", "Egress"]
    assert database["ingress"] == [{"ports": port, "from": [{"podSelector": mlflow["podSelector"]}]}]
    assert "egress" not in database


@EACH
def test_backups_reach_it_and_are_taken_by_its_own_image(render: Render, section: str) -> None:
    image = {f"{section}.image.repository": "registry.example.com/mariadb", f"{section}.image.tag": "11"}
    objects = render({**on(section), **image, "networkPolicy.enabled": True, "backup.enabled": True})
    backup = objects.one("CronJob")["spec"]["jobTemplate"]["spec"]["template"]
    (rule,) = objects.one("NetworkPolicy", f"demo-{section}")["spec"]["ingress"]

    assert [each["image"] for each in backup["spec"]["initContainers"] if each["name"] == "tracking"] == [
        "registry.example.com/mariadb:11"
    ]
    selector = rule["from"][1]["podSelector"]
    assert selector["matchLabels"].items() <= backup["metadata"]["labels"].items()
    assert backup["metadata"]["labels"]["app.kubernetes.io/component"] in selector["matchExpressions"][0]["values"]


@EACH
def test_what_is_null_in_its_section_is_left_to_the_chart(render: Render, section: str) -> None:
    plain = ("image.repository", "image.tag", "image.pullPolicy", "auth.username", "auth.password", "primary.extraArgs")
    claims = ("primary.persistence.size", "primary.persistence.accessModes", f"primary.service.ports.{section}")
    default = render(on(section))
    nothing = render({**on(section), **{f"{section}.{name}": None for name in (*plain, *claims)}})

    assert server(nothing) == server(default)
    assert claim(nothing) == claim(default)
    assert nothing.one("Service", f"demo-{section}") == default.one("Service", f"demo-{section}")
    assert render({f"{section}.enabled": None}).of("StatefulSet") == []


@EACH
def test_the_subchart_is_of_the_same_version_and_has_the_same_defaults(section: str) -> None:
    parent = yaml.safe_load((CHART / "Chart.yaml").read_text())
    own = yaml.safe_load((CHART / "charts" / section / "Chart.yaml").read_text())
    (dependency,) = (each for each in parent["dependencies"] if each["name"] == section)
    values = yaml.safe_load((CHART / "charts" / section / "values.yaml").read_text())

    assert dependency["version"] == own["version"] == flowship.__version__
    assert dependency["condition"] == f"{section}.enabled"
    assert values == yaml.safe_load((CHART / "values.yaml").read_text())[section]


class RefusedError(Exception):
    """The script ended with this sentence."""


Start = Callable[[Path, str], str]
"""Starts the image with data in a directory, which holds a file once it is made; what its entry point is told."""


@pytest.fixture
def start(render: Render, section: str, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """What the container runs, as the chart renders it, with another entry point."""
    script: str = render(on(section)).one("ConfigMap", f"demo-{section}-scripts")["data"]["start.sh"]
    programs = tmp_path_factory.mktemp("programs")
    (programs / "docker-entrypoint.sh").write_text('#!/bin/sh\nprintf "%s," "$@"')
    (programs / "docker-entrypoint.sh").chmod(0o700)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}

    def begin(data: Path, holds: str) -> str:
        command = ["sh", "-c", script, "start.sh", str(data), holds, "postgres", "-c", "a b"]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            raise RefusedError(run.stderr)
        return run.stdout

    return begin


@EACH
@pytest.mark.parametrize("holds", ["PG_VERSION", "mysql"])
def test_a_making_that_was_cut_short_is_begun_anew(start: Start, holds: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert start(data, holds) == "postgres,-c,a b,"
    assert (tmp_path / "being-made").exists(), "startup.sh takes it away"

    for _ in range(2):  # half made, and killed
        data.mkdir()
        (data / holds).touch()
        assert start(data, holds) == "postgres,-c,a b,"
        assert not data.exists()
        assert (tmp_path / "being-made").exists()


@EACH
def test_data_that_was_there_before_is_never_touched(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("17")
    start(data, "PG_VERSION")

    assert [each.name for each in tmp_path.iterdir()] == ["data"]
    assert (data / "PG_VERSION").read_text() == "17"


@EACH
@pytest.mark.parametrize("other", ["data", "PG_VERSION", "being-mad"])
def test_a_claim_with_something_else_on_it_is_refused(start: Start, other: str, tmp_path: Path) -> None:
    """Such as a database of Bitnami's, which is in `data`, or one in the claim's root."""
    (tmp_path / other).mkdir()
    with pytest.raises(
        RefusedError, match=rf"^primary.persistence.existingClaim: holds {other}, .* in pgdata. Name an"
    ):
        start(tmp_path / "pgdata", "PG_VERSION")

    assert [each.name for each in tmp_path.iterdir()] == [other]


@EACH
def test_a_claim_as_a_file_system_gives_it_is_empty(start: Start, tmp_path: Path) -> None:
    for name in ("lost+found", ".snapshot"):
        (tmp_path / name).mkdir()
    start(tmp_path / "pgdata", "PG_VERSION")

    assert (tmp_path / "being-made").exists()


@EACH
def test_it_is_looked_at_whenever_the_servers_container_starts_and_not_only_the_pod(
    render: Render, section: str
) -> None:
    found = render(on(section))
    directory, holds = {"postgresql": ("pgdata", "PG_VERSION"), "mysql": ("mysqldata", "mysql")}[section]

    assert server(found)["command"] == ["sh", "/scripts/start.sh", f"{DATA[section]}/{directory}", holds]
    assert "initContainers" not in pod(found)

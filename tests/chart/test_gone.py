"""Objects of chart 0.16.5 that are gone, where the values name one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chart.rendering import RenderingError

if TYPE_CHECKING:
    from tests.chart.conftest import Render


def container(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "demo-mlflow-env-secret", "image": "busybox", **more}]


@pytest.mark.parametrize(
    ("key", "value", "thing"),
    [
        ("extraContainers", container(envFrom=[{"secretRef": {"name": "demo-mlflow-env-secret"}}]), "Secret"),
        ("initContainers", container(envFrom=[{"configMapRef": {"name": "demo-mlflow-env-configmap"}}]), "ConfigMap"),
        (
            "initContainers",
            container(
                env=[{"name": "A", "valueFrom": {"secretKeyRef": {"key": "A", "name": "demo-mlflow-env-secret"}}}]
            ),
            "Secret",
        ),
        (
            "extraVolumes",
            [{"name": "ca", "secret": {"secretName": "demo-mlflow-trusted-ca-cert-secret"}}],
            "Secret",
        ),
        ("extraVolumes", [{"name": "a", "configMap": {"items": [], "name": "demo-mlflow-migrations"}}], "ConfigMap"),
        (
            "extraVolumes",
            [{"name": "a", "projected": {"sources": [{"secret": {"name": "demo-mlflow-auth-config-secret"}}]}}],
            "Secret",
        ),
        (
            "extraEnvVars",
            {"PGPASSWORD2": {"valueFrom": {"secretKeyRef": {"name": "demo-mlflow-env-secret", "key": "PGPASSWORD"}}}},
            "Secret",
        ),
        ("extraSecretNamesForEnvFrom", ["demo-mlflow-env-secret"], "Secret"),
    ],
)
def test_a_name_of_what_is_gone_is_refused_with_what_to_write(render: Render, key: str, value: Any, thing: str) -> None:
    with pytest.raises(RenderingError, match=rf"{key}: names the {thing} demo-mlflow-[a-z-]+, .* {thing} of your own"):
        render({key: value})


def test_nothing_is_looked_for_where_a_key_is_null(render: Render) -> None:
    keys = ("initContainers", "extraContainers", "extraVolumes", "extraEnvVars", "extraSecretNamesForEnvFrom")

    assert render(dict.fromkeys(keys)).of("Deployment")


def test_names_of_ones_own_are_nobodys_business(render: Render) -> None:
    mine = [{"secretRef": {"name": "my-env-secret"}}, {"secretRef": {"name": "demo-mlflow-env-secret-2"}}]

    assert render({"extraContainers": container(envFrom=mine)}).of("Deployment")
    assert render({"extraSecretNamesForEnvFrom": ["env-secret", "mlflow-env-secret"]}).of("Deployment")

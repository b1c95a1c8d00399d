"""MLflow's rule for origins, and its proxy that passes a GET on, are where they were."""

from __future__ import annotations

from flowship.mlflow_seams.server.origins import DEPLOYMENTS_PROXY
from tests.unit.in_mlflow import in_mlflow


def test_localhost_and_the_allowed_may_write() -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.server.origins import is_foreign; allowed = ['https://a.example', 'https://*.lab.example'];"
        "own = ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:5000', *allowed[:1], 'https://b.lab.example'];"
        "foreign = ['https://evil.example', 'null', 'https://a.example.evil', 'http://a.example', '\\xff'];"
        "print({is_foreign(origin, allowed) for origin in own}, {is_foreign(origin, allowed) for origin in foreign})"
    )

    assert printed == "{False} {True}"


def test_mlflow_passes_a_get_on_here() -> None:
    printed = in_mlflow(
        "from mlflow.server import app;"
        "print(*[sorted(rule.methods) for rule in app.url_map.iter_rules() if rule.rule.endswith('gateway-proxy')],"
        "*[rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith('gateway-proxy')])"
    )

    assert "'GET'" in printed
    assert printed.endswith(DEPLOYMENTS_PROXY)

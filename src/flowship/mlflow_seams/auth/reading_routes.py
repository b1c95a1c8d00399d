"""Which requests of MLflow's API only read: a list of what does, so that a route that MLflow adds counts as a change.

The test beside it knows every GET of MLflow's that is not here, and why.
"""

from __future__ import annotations

import re

READING = frozenset({"GET", "HEAD"})

PAGES = (
    *("/", "/version", "/health", "/graphql", "/get-artifact", "/model-versions/get-artifact", "/signup"),
    *("/gateway/mlflow/v1/models", "/static-files/<path>", "/build/<path>"),
)
"""What a GET reads outside of the API, after the static prefix."""

READS = (
    *("jobs/<id>", "mlflow-artifacts/artifacts", "mlflow-artifacts/artifacts/<path>"),
    *("mlflow-artifacts/presigned/<path>", "mlflow/artifacts/list"),
    *("mlflow/datasets/<id>", "mlflow/datasets/<id>/experiment-ids", "mlflow/datasets/<id>/records"),
    *("mlflow/datasets/search", "mlflow/experiments/get", "mlflow/experiments/get-by-name"),
    *("mlflow/experiments/search", "mlflow/gateway/budgets/get", "mlflow/gateway/budgets/list"),
    *("mlflow/gateway/budgets/windows", "mlflow/gateway/endpoints/bindings/list", "mlflow/gateway/endpoints/get"),
    *("mlflow/gateway/endpoints/list", "mlflow/gateway/guardrails/get", "mlflow/gateway/guardrails/list"),
    *("mlflow/gateway/guardrails/list-for-endpoint", "mlflow/gateway/model-definitions/get"),
    *("mlflow/gateway/model-definitions/list", "mlflow/gateway/provider-config", "mlflow/gateway/secrets/config"),
    *("mlflow/gateway/secrets/get", "mlflow/gateway/secrets/list", "mlflow/gateway/supported-models"),
    *("mlflow/gateway/supported-providers", "mlflow/get-online-trace-details", "mlflow/get-trace-artifact"),
    *("mlflow/issues/<id>", "mlflow/jobs/<id>", "mlflow/label-schemas/get", "mlflow/label-schemas/get-by-name"),
    *("mlflow/label-schemas/list", "mlflow/logged-models/<id>", "mlflow/logged-models/<id>/artifacts/directories"),
    *("mlflow/logged-models/<id>/artifacts/files", "mlflow/mcp-servers", "mlflow/mcp-servers/<path>"),
    *("mlflow/metrics/get-history", "mlflow/metrics/get-history-bulk", "mlflow/metrics/get-history-bulk-interval"),
    *("mlflow/model-versions/get", "mlflow/model-versions/get-download-uri", "mlflow/model-versions/search"),
    *("mlflow/prompt-optimization/jobs/<id>", "mlflow/registered-models/alias", "mlflow/registered-models/get"),
    *("mlflow/registered-models/get-latest-versions", "mlflow/registered-models/search", "mlflow/review-queues/get"),
    *("mlflow/review-queues/get-by-name", "mlflow/review-queues/items/list", "mlflow/review-queues/list"),
    *("mlflow/roles/get", "mlflow/roles/list", "mlflow/roles/permissions/list", "mlflow/roles/users/list"),
    *("mlflow/runs/get", "mlflow/scorers/get", "mlflow/scorers/list", "mlflow/scorers/online-configs"),
    *("mlflow/scorers/versions", "mlflow/server-info", "mlflow/skills", "mlflow/skills/<path>", "mlflow/traces"),
    *("mlflow/traces/<id>", "mlflow/traces/<id>/info", "mlflow/traces/<id>/assessments/<id>"),
    *("mlflow/traces/batchGet", "mlflow/traces/get", "mlflow/ui-telemetry", "mlflow/unified-traces"),
    *("mlflow/users/current", "mlflow/users/current/permissions", "mlflow/users/get", "mlflow/users/list"),
    *("mlflow/users/permissions/get", "mlflow/users/permissions/list", "mlflow/users/roles/list"),
    *("mlflow/webhooks", "mlflow/webhooks/<id>", "mlflow/workspaces", "mlflow/workspaces/<id>"),
)
"""What a GET reads in the API, after its version."""

POSTS = (
    *("jobs/search", "mlflow/artifacts/presigned-download-url", "mlflow/datasets/search", "mlflow/experiments/search"),
    *("mlflow/experiments/search-datasets", "mlflow/issues/search", "mlflow/logged-models/search"),
    *("mlflow/prompt-optimization/jobs/search", "mlflow/registered-models/get-latest-versions"),
    *("mlflow/runs/search", "mlflow/traces/batchGetInfos", "mlflow/traces/calculate-filter-correlation"),
    *("mlflow/traces/metrics", "mlflow/traces/search"),
)
"""What a POST only reads."""

GRAPHQL = "/graphql"
"""Where a POST asks what MLflow's pages show; its one mutation besides searching says back what it is sent."""


def _pattern(paths: tuple[str, ...]) -> str:
    escaped = (re.escape(path).replace("<id>", "[^/]+").replace("<path>", ".+") for path in paths)
    return f"(?:{'|'.join(escaped)})"


API = r"/(?:ajax-)?api/[0-9]\.[0-9]/"
"""A pattern of what is before the paths of the API, after the static prefix."""

_GET = re.compile(f"(?:{_pattern(PAGES)}|{API}{_pattern(READS)})/?")
_POST = re.compile(f"(?:{GRAPHQL}|{API}{_pattern(POSTS)})/?")


def reads(method: str, path: str) -> bool:
    """Tell whether a request changes nothing, by its path after the static prefix."""
    if method in READING:
        return _GET.fullmatch(path) is not None
    return method == "POST" and _POST.fullmatch(path) is not None

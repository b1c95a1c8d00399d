from __future__ import annotations

import json

import pytest

from flowship.artifacts.behind import OtherServerError, in_store, of_workspace, path_behind
from tests.unit.in_mlflow import in_mlflow


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("mlflow-artifacts:/churn/1/", "churn/1"),
        ("mlflow-artifacts:/", ""),
        ("mlflow-artifacts:", ""),
        ("mlflow-artifacts:///churn", "churn"),
        ("mlflow-artifacts-not:/churn", None),
        ("s3://bucket/churn", None),
    ],
)
def test_the_path_behind_the_server_is_found(address: str, path: str | None) -> None:
    assert path_behind(address) == path
    assert in_store(address, "s3://root/") == (address if path is None else f"s3://root/{path}".rstrip("/"))


def test_paths_of_a_workspace_lead_where_mlflow_leads_them() -> None:
    paths = {
        "default": ("1/run", "workspaces", "workspaces/default/1"),
        "team-a": ("1/run", "shared/1", "workspaces/team-a/1", "workspacesof/1"),
    }
    said = in_mlflow(
        "import json, os; os.environ['MLFLOW_ENABLE_WORKSPACES'] = 'true'; from mlflow.server import handlers;"
        "from mlflow.utils import workspace_context\n"
        "found = {}\n"
        f"for workspace, paths in {paths!r}.items():\n"
        "    with workspace_context.WorkspaceContext(workspace):\n"
        "        found[workspace] = [handlers._get_workspace_scoped_repo_path_if_enabled(path) for path in paths]\n"
        "print(json.dumps(found))"
    )

    wanted = {workspace: [of_workspace(path, workspace) for path in each] for workspace, each in paths.items()}
    assert json.loads(said.splitlines()[-1]) == wanted


def test_another_server_is_not_taken_for_this_one() -> None:
    with pytest.raises(OtherServerError, match=r"^other:5000$"):
        in_store("mlflow-artifacts://other:5000/churn", "s3://root")

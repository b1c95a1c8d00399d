"""What MLflow 2.22.0 has made, migrated and exported: the stock client of today reads it elsewhere."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING
from unittest.mock import patch

import mlflow
import pytest
from mlflow import MlflowClient

from tests.integration.exporting.fill_2_22 import PROMPTS
from tests.integration.flowship import clean, run, write_values
from tests.integration.legacy.environment import old_programs
from tests.integration.servers.process import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.database import Database

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow's own, of whose store the client is here."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("of-2-22")
    values = write_values(tmp_path_factory.mktemp("values") / "values.yaml", {})
    uri = f"sqlite:///{data / 'mlflow.db'}"
    fill = [str(old_programs() / "python"), "-m", "tests.integration.exporting.fill_2_22", uri, str(data / "artifacts")]
    environment = clean({"MLFLOW_TRACKING_URI": uri, "GIT_PYTHON_REFRESH": "quiet", "PYTHONPATH": str(REPOSITORY)})
    done = subprocess.run(fill, cwd=data, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (migrated := run("migrate", "-f", str(values), "--data", str(data))).returncode == 0, migrated.stderr
    directory = tmp_path_factory.mktemp("exported") / "churn"
    written = run("export", "--data", str(data), "churn", "--to", str(directory))
    assert written.returncode == 0, written.stderr
    assert "4 versions of 2 registered models and prompts" in written.stderr + written.stdout
    return directory


@pytest.mark.parametrize("new", [(), ("--new-ids", "--suffix", " copy")], ids=["their own ids", "new ids"])
def test_models_and_the_prompt_that_a_run_used_arrive(
    new: tuple[str, ...], exported: Path, fresh: Callable[[str], tuple[Database, URL]], tmp_path: Path
) -> None:
    database, url = fresh("postgres")
    values = write_values(tmp_path / "values.yaml", {"backendStore": {"postgres": database.section()}})
    data = tmp_path / "data"

    done = run("import", "-f", str(values), "--data", str(data), str(exported), *new)

    assert done.returncode == 0, done.stderr
    uri = url.render_as_string(hide_password=False)
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("churn copy" if new else "churn")
    assert experiment is not None
    (found,) = client.search_runs([experiment.experiment_id])
    run_id, place = found.info.run_id, f"{experiment.experiment_id}/{found.info.run_id}/artifacts/model"
    assert found.data.metrics == {"loss": 0.5}
    assert (data / "artifacts" / place / "weights.bin").read_bytes() == b"weights"
    champion = client.get_model_version_by_alias("forecast", "champion")
    assert (champion.version, champion.current_stage, champion.tags) == (1, "Production", {"checked": "yes"})
    assert (champion.run_id, champion.description) == (run_id, f"of the run {run_id}")
    assert client.get_model_version_download_uri("forecast", "2") == f"mlflow-artifacts:/{place}"
    with patch.dict(os.environ, MLFLOW_EXPERIMENT_ID=experiment.experiment_id):
        prompts = [client.load_prompt("greeting", version) for version in (1, 2)]
        live = client.load_prompt("prompts:/greeting@live")
    assert tuple(prompt.template for prompt in prompts) == PROMPTS
    assert (live.version, live.commit_message, live.tags["author"]) == (2, "wording", "ada")
    assert client.get_prompt("greeting").tags["kind"] == "polite"
    assert prompts[0].tags["mlflow.prompt.run_ids"] == run_id

"""MLflow asks before it starts work on prompts and traces where it did, and ours is asked after its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.in_mlflow import in_mlflow
from tests.unit.mlflow_seams.app_with_users import unrestricted

if TYPE_CHECKING:
    from pathlib import Path

ASKING = """
os.environ[Env.ARTIFACT_ROOT] = "mlflow-artifacts:/"
from flowship.mlflow_seams.loopholes import optimization as seam

def optimization(**body):
    config = {"dataset_id": body.pop("dataset", ""), "optimizer_config_json": body.pop("options", "")}
    return json.dumps({"experiment_id": "0", "source_prompt_uri": "prompts:/p/1", "config": config, **body}).encode()

def start(who, body):
    status, text = asked(who, "/api/3.0/mlflow/prompt-optimization/jobs", "POST", body=body)
    return status, text

def in_request(who, function, *given):
    claim = "Basic " + base64.b64encode(f"{who}:x".encode()).decode()
    with auth.app.test_request_context("/", headers={"Authorization": claim}):
        return function(*given)
"""


def said(directory: Path, lines: str) -> list[Any]:
    return unrestricted(directory, ASKING + lines)


def test_a_job_is_told_by_what_it_reads_changes_and_spends(tmp_path: Path) -> None:
    options = {"reflection_model": "openai:/x", "gepa_kwargs": {"a": 1}}
    job, refused, unread, others = said(
        tmp_path,
        "seen = []\n"
        "seam.ask_before_optimizing(lambda job: seen.append(job) or 'so')\n"
        f"answer = start('ada', optimization(dataset='d-1', options={json.dumps(options)!r}, "
        "source_prompt_uri='a@b'))\n"
        "print(json.dumps([seen[0].dataset, seen[0].prompts, seen[0].endpoint, seen[0].options]))\n"
        "print(json.dumps(['so' in answer[1], answer[0]]))\n"
        "start('ada', optimization(options='no JSON'))\n"
        "print(json.dumps([seen[1].endpoint, seen[1].options]))\n"
        "start('eve', optimization()), start('root', optimization())\n"
        "print(len(seen))\n",
    )

    assert job == ["d-1", ["a@b", "a"], None, options]
    assert refused == [True, 403]
    assert unread == [None, None]
    assert others == 2, "MLflow refuses eve itself, and admins are asked nothing"


def test_who_may_read_a_dataset_may_read_all_its_experiments(tmp_path: Path) -> None:
    (may,) = said(
        tmp_path,
        "tracking = auth._get_tracking_store()\n"
        "other = tracking.create_experiment('other')\n"
        "named = (('a', ['0']), ('b', ['0', other]))\n"
        "datasets = [tracking.create_dataset(name, {}, ids).dataset_id for name, ids in named]\n"
        "auth.auth_config = auth.auth_config._replace(default_permission='NO_PERMISSIONS')\n"
        "print(json.dumps([in_request('ada', seam.may_read_dataset, each) for each in (*datasets, 'd-none')]))\n",
    )

    assert may == [True, False, False]


def test_a_prompt_that_is_there_must_be_editable(tmp_path: Path) -> None:
    (may,) = said(
        tmp_path,
        "registry = auth._get_model_registry_store()\n"
        "for name in ('hers', 'theirs'): registry.create_registered_model(name)\n"
        "auth.auth_config = auth.auth_config._replace(default_permission='READ')\n"
        "store.grant_user_permission('ada', 'registered_model', 'hers', 'EDIT')\n"
        "cases = [('hers',), ('theirs',), ('hers', 'theirs'), ('none',)]\n"
        "print(json.dumps([in_request('ada', seam.may_edit_prompts, each) for each in cases]))\n",
    )

    assert may == [True, False, False, True]


def test_an_endpoint_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    (may,) = said(
        tmp_path,
        "store.grant_user_permission('ada', 'gateway_endpoint', 'e-1', 'USE')\n"
        "auth.auth_config = auth.auth_config._replace(default_permission='NO_PERMISSIONS')\n"
        "cases = ('e-1', 'e-2', seam.UNKNOWN)\n"
        "print(json.dumps([in_request('ada', seam.may_use_endpoint, each) for each in cases]))\n",
    )

    assert may == [True, False, False]


def test_issues_are_looked_for_with_an_endpoint_that_one_may_use(tmp_path: Path) -> None:
    seen, statuses = said(
        tmp_path,
        "seen = []\n"
        "seam.ask_before_detecting_issues(lambda endpoint: seen.append(endpoint) or 'so')\n"
        "from mlflow.server.auth.routes import INVOKE_ISSUE_DETECTION as path\n"
        "bodies = [{'endpoint_name': 'e'}, {'endpoint_name': ''}, {}]\n"
        "statuses = [asked('ada', path, 'POST', body=json.dumps({'experiment_id': '0', **each}).encode())[0]"
        " for each in bodies]\n"
        "print(json.dumps(seen)); print(json.dumps([status == 403 for status in statuses]))\n",
    )

    assert seen == ["?"]
    assert statuses == [True, False, False]


@pytest.mark.parametrize("key", ["api_base", "base_url"])
def test_options_that_choose_a_destination_are_found_at_any_depth(key: str) -> None:
    printed = in_mlflow(
        "from flowship.mlflow_seams.loopholes.optimization import destinations\n"
        f"chosen = {{'a': [{{'b': {{{key!r}: 'http://x'}}}}], 'temperature': 1}}\n"
        "print(destinations(chosen), destinations({'temperature': 1}))"
    )

    assert printed == f"['{key}'] []"

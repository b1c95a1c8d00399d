"""MLflow registers scorers, and checks what is in them, where it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.mlflow_seams.app_with_users import unrestricted

if TYPE_CHECKING:
    from pathlib import Path

REGISTERING = """
os.environ[Env.ARTIFACT_ROOT] = "mlflow-artifacts:/"
from flowship.mlflow_seams.loopholes import scorers as seam

def register(who, scorer, name="s"):
    body = {"experiment_id": "0", "name": name, "serialized_scorer": json.dumps(scorer)}
    status, text = asked(who, "/api/3.0/mlflow/scorers/register", "POST", body=json.dumps(body).encode())
    return [status, json.loads(text)]

def judge(**options):
    data = {"instructions": "Is {{ outputs }} good?", "model": "openai:/x", **options}
    return {"name": "s", "serialization_version": 1, "instructions_judge_pydantic_data": data}

def grants(who):
    return [[each.resource_pattern, each.permission] for role in store.list_user_roles(store.get_user(who).id)
            for each in role.permissions if each.resource_type == "scorer"]
"""


def said(directory: Path, lines: str) -> list[Any]:
    return unrestricted(directory, REGISTERING + lines)


def test_who_makes_a_scorer_manages_it_and_nobody_who_adds_a_version(tmp_path: Path) -> None:
    first, second, ada, eve = said(
        tmp_path,
        "seam.keep_managers()\n"
        "auth.auth_config = auth.auth_config._replace(default_permission='NO_PERMISSIONS')\n"
        "store.grant_user_permission('eve', 'experiment', '0', 'EDIT')\n"
        "for who in ('ada', 'eve'): print(json.dumps([register(who, judge())[1]['version'], grants(who)]))\n"
        "for who in ('ada', 'eve'): print(json.dumps(grants(who)))\n",
    )

    assert [first[0], second[0]] == [1, 2]
    assert ada == first[1]
    assert [permission for _, permission in ada] == ["MANAGE"]
    assert [permission for _, permission in eve] == ["EDIT"]


def test_a_judge_that_chooses_its_destination_is_refused(tmp_path: Path) -> None:
    plain, chosen, nested = said(
        tmp_path,
        "seam.refuse_destinations(lambda found: f'not {found}')\n"
        "for scorer in (judge(inference_params={'temperature': 1}), judge(inference_params={'api_base': 'http://x'}),\n"
        "    {**judge(), 'inner': [judge(inference_params={'extra': {'base_url': 'http://x'}})]}):\n"
        "    print(json.dumps(register('ada', scorer)))\n",
    )

    assert plain[0] == 200, plain
    assert [chosen[0], chosen[1]["message"]] == [400, "not ['api_base']"]
    assert [nested[0], nested[1]["message"]] == [400, "not ['base_url']"]

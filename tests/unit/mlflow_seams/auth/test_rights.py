"""MLflow's tables of questions are where they were; ours are asked before its own, and admins are asked nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.in_mlflow import in_mlflow
from tests.unit.mlflow_seams.app_with_users import program

if TYPE_CHECKING:
    from pathlib import Path


def test_names_are_withheld_from_those_who_can_give_nothing(tmp_path: Path) -> None:
    printed = in_mlflow(
        program(
            tmp_path,
            "for who in ('root', 'ada', 'eve'):\n"
            "    seen = [asked(who, f'/{api}/2.0/mlflow/users/list') for api in ('api', 'ajax-api')]\n"
            "    roles = asked(who, '/ajax-api/3.0/mlflow/roles/list', query=b'workspace=default')\n"
            "    role = asked(who, '/api/3.0/mlflow/roles/get', query=b'role_id=1')\n"
            "    print(who, *[status for status, _ in (*seen, roles, role)])\n"
            "print(json.loads(asked('eve', '/api/2.0/mlflow/users/list')[1])['message'] == rights.USERS_WITHHELD)\n"
            "print(json.loads(asked('ada', '/api/3.0/mlflow/roles/list')[1])['message'] == rights.ROLES_WITHHELD)",
        )
    )

    assert printed.splitlines() == [
        "root 200 200 200 200",
        "ada 200 200 403 403",
        "eve 403 403 403 403",
        "True",
        "True",
    ]


def test_jobs_are_submitted_by_admins_only(tmp_path: Path) -> None:
    printed = in_mlflow(
        program(
            tmp_path,
            'body = b\'{"job_name": "none", "params": {}}\'\n'
            "for who in ('ada', 'root'):\n"
            "    print(*[asked(who, path, 'POST', body=body)[0] for path in\n"
            "          ('/ajax-api/3.0/jobs/', '/ajax-api/3.0/jobs/search')])\n"
            "print(asked('ada', '/ajax-api/3.0/jobs/', 'POST', body=body)[1] == rights.JOBS_WITHHELD)",
        )
    )

    submitted, admins, sentence = printed.splitlines()
    assert submitted.split()[0] == "403"
    assert "403" not in [submitted.split()[1], *admins.split()]
    assert sentence == "True"


def test_models_of_clouds_are_defined_by_admins(tmp_path: Path) -> None:
    printed = in_mlflow(
        program(
            tmp_path,
            "for who in ('ada', 'root'):\n"
            "    for provider in ('amazon-bedrock', 'bedrock', 'vertex_ai', 'openai'):\n"
            "        body = json.dumps({'provider': provider, 'name': 'x', 'model_id': '1'}).encode()\n"
            "        for do in ('create', 'update'):\n"
            "            path = f'/ajax-api/3.0/mlflow/gateway/model-definitions/{do}'\n"
            "            status, text = asked(who, path, 'POST', body=body)\n"
            "            print(who, provider, do, 'for admins to define' in text)",
        )
    )
    refused = {line.rpartition(" ")[0] for line in printed.splitlines() if line.endswith("True")}

    assert refused == {
        f"ada {provider} {do}" for provider in ("amazon-bedrock", "bedrock", "vertex_ai") for do in ("create", "update")
    }


def test_the_demo_is_made_by_admins(tmp_path: Path) -> None:
    printed = in_mlflow(
        program(
            tmp_path,
            "status, text = asked('ada', '/ajax-api/3.0/mlflow/demo/generate', 'POST')\n"
            "print(status, json.loads(text)['message'] == rights.DEMO_WITHHELD)",
        )
    )

    assert printed == "403 True"


def test_endpoints_are_pointed_at_experiments_that_one_may_edit(tmp_path: Path) -> None:
    """ada manages experiment 0; the default lets everybody read the others."""
    printed = in_mlflow(
        program(
            tmp_path,
            "from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore\n"
            f"tracking = SqlAlchemyStore('sqlite:///{tmp_path}/mlflow.db', '{tmp_path}')\n"
            "auth._get_tracking_store = lambda: tracking\n"
            "for who in ('ada', 'eve', 'root'):\n"
            "    for experiment in ('', '0', '1'):\n"
            "        body = json.dumps({'name': 'x', 'experiment_id': experiment, 'endpoint_id': 'none'}).encode()\n"
            "        for do in ('create', 'update'):\n"
            "            path = f'/ajax-api/3.0/mlflow/gateway/endpoints/{do}'\n"
            "            print(who, experiment, do, 'ask for EDIT on it' in asked(who, path, 'POST', body=body)[1])",
        )
    )
    refused = {line.rpartition(" ")[0] for line in printed.splitlines() if line.endswith("True")}

    assert refused == {
        f"{who} {experiment} {do}"
        for who, experiment in (("ada", "1"), ("eve", "0"), ("eve", "1"))
        for do in ("create", "update")
    }


def test_users_are_made_under_names_that_can_log_in_and_can_log_out(tmp_path: Path) -> None:
    printed = in_mlflow(
        program(
            tmp_path,
            "body = json.dumps({'username': 'a:b', 'password': 'a good password'}).encode()\n"
            "for api in ('api', 'ajax-api'):\n"
            "    status, text = asked('root', f'/{api}/2.0/mlflow/users/create', 'POST', body=body)\n"
            "    print(status, json.loads(text)['message'] == user_names.refusal('a:b'))\n"
            "body = body.replace(b':b', b'-b')\n"
            "print(asked('root', '/api/2.0/mlflow/users/create', 'POST', body=body)[0])\n"
            "print(json.loads(asked('eve', '/ajax-api/2.0/mlflow/users/current')[1])['is_basic_auth'])",
        )
    )

    assert printed.splitlines() == ["400 True", "400 True", "200", "True"]


def test_the_role_that_keeps_users_out_is_for_admins_to_give_and_to_change(tmp_path: Path) -> None:
    """ada manages the workspace, and so its roles; `readers` is one of them."""
    printed = in_mlflow(
        program(
            tmp_path,
            "from flowship.auth import disabled; from flowship.mlflow_seams.auth.users import has_role\n"
            "roles = [store.create_role(name, 'default').id for name in ('managers', 'readers', disabled.ROLE)]\n"
            "store.add_role_permission(roles[0], 'workspace', '*', 'MANAGE')\n"
            "store.assign_role_to_user(store.get_user('ada').id, roles[0])\n"
            "def done(who, what, method, **said):\n"
            "    path = f'/{api}/3.0/mlflow/roles/{what}'\n"
            "    status, text = asked(who, path, method, body=json.dumps(said).encode())\n"
            "    print(api, who, what, status, 'flowship-disabled: who has' in text)\n"
            "for api in ('api', 'ajax-api'):\n"
            "    for role in roles[1:]:\n"
            "        done('ada', 'assign', 'POST', username='eve', role_id=role)\n"
            "        done('ada', 'unassign', 'DELETE', username='eve', role_id=role)\n"
            "    done('ada', 'update', 'PATCH', role_id=roles[1], name=disabled.ROLE)\n"
            "    done('ada', 'update', 'PATCH', role_id=roles[2], name='other')\n"
            "    done('ada', 'delete', 'DELETE', role_id=roles[2])\n"
            "    done('ada', 'create', 'POST', workspace='default', name=disabled.ROLE)\n"
            "done('root', 'assign', 'POST', username='eve', role_id=roles[2])\n"
            "print([has_role(name, disabled.ROLE, 'default') for name in ('eve', 'ada', 'nobody')])\n"
            "print(has_role('eve', disabled.ROLE, 'other'), disabled.is_disabled('eve'))",
        )
    )

    *lines, roles, elsewhere = printed.splitlines()
    for api in ("api", "ajax-api"):
        assert [line.partition(" ")[2] for line in lines if line.startswith(f"{api} ada")] == [
            "ada assign 200 False",
            "ada unassign 200 False",
            "ada assign 403 True",
            "ada unassign 403 True",
            "ada update 403 True",
            "ada update 403 True",
            "ada delete 403 True",
            "ada create 403 True",
        ]
    assert lines[-1] == "ajax-api root assign 200 False"
    assert roles == "[True, False, False]"
    assert elsewhere == "False True"

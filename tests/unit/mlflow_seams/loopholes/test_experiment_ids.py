"""All of MLflow's questions about an experiment pass one function, and another spelling of an id is denied there."""

from __future__ import annotations

import pytest

from flowship.mlflow_seams.loopholes.experiment_ids import named_experiment
from tests.unit.in_mlflow import in_mlflow

PROGRAM = """
from flowship.mlflow_seams.loopholes import experiment_ids
from flowship.mlflow_seams.auth import users
from mlflow.server.auth.requirements import Requirement
from mlflow.server.auth.sqlalchemy_store import RoleGrantRow
auth = users.auth_app()

class User:
    id, is_admin = 1, False

class Store:
    _scorer_pattern = staticmethod(auth.store._scorer_pattern)
    def get_user(self, username):
        return User()
    def list_grants(self, *which):
        return grants

grants = [RoleGrantRow(kind, which, permission) for kind in ("experiment", "scorer") for which, permission in
          (("*", "EDIT"), *([("0", "DENY"), ("1", "DENY")] if kind == "experiment" else [("1/s", "DENY")]))]
auth.store = Store()
auth.auth_config = auth.auth_config._replace(default_permission="READ")
auth._get_tracking_store = lambda: type("Tracking", (), {"get_experiment": None})

def asked(said):
    gate = auth.retention_gate("ann", ("experiment", said), [Requirement("experiment", "*", "read")])
    return [
        auth._get_experiment_permission(said, "ann").can_read,
        auth.authorize("ann", ("experiment", said), [Requirement("experiment", said, "update")]),
        auth.authorize("ann", ("experiment", said), [Requirement("experiment", said, "not_denied")]),
        auth.authorize("ann", ("experiment", said), [Requirement("none", "*", "read", (("experiment", said),))]),
        gate.retains("experiment", said),
        auth._role_grant_for_resource(1, "scorer", auth.store._scorer_pattern(said, "s"), "default").can_read,
    ]
"""


@pytest.mark.parametrize("said", ["0", "1", "42", "9" * 18, 7])
def test_an_id_as_mlflow_writes_it_is_known(said: object) -> None:
    assert named_experiment(said) == str(said)


@pytest.mark.parametrize("said", [None, ""])
def test_no_id_is_the_default_experiments(said: object) -> None:
    assert named_experiment(said) == "0"


@pytest.mark.parametrize(
    "said",
    ["01", "00", "-0", "+1", " 1", "1 ", "1\n", "0_1", "1_0", "\uff11", "\u0661", "1.0", "9" * 19, "x", True, ["1"]],
)
def test_another_spelling_is_none_of_an_experiment(said: object) -> None:
    assert named_experiment(said) is None


def test_a_denied_experiment_is_denied_however_it_is_spelled(since_3_18: bool) -> None:
    """MLflow 3.17 alone let all of these in. Since 3.18 only the id that is none needs this module."""
    printed = in_mlflow(
        PROGRAM + "spellings = ('01', ' 1', '1\\n', '+1', '0_1', '\\uff11')\n"
        "print(all(all(asked(each)) for each in spellings), any(asked('1')), all(asked('')[:2]))\n"
        "experiment_ids.deny_other_spellings()\n"
        "print(any(any(asked(each)) for each in (*spellings, '1')), any(asked(1)))\n"
        "print(all(asked('2')), all(asked(2)))\n"
        "print(asked('')[:2], asked('0')[:2])\n"
        "print(auth.authorize('ann', ('workspace', '*'), [Requirement('experiment', '*', 'not_denied')]))"
    )

    alone = "False False True" if since_3_18 else "True False True"
    assert printed.splitlines() == [alone, "False False", "True True", "[False, False] [False, False]", "True"]


def test_all_of_mlflows_questions_pass_these(since_3_18: bool) -> None:
    printed = in_mlflow(
        "import inspect; from flowship.mlflow_seams.auth import users; auth = users.auth_app();"
        "source = inspect.getsource(auth);"
        "print(source.count('fold_grants_for_key('), source.count('store.list_grants('));"
        "print(source.count('_resolve_requirement_decisions('), source.count('list_role_grants_for_user'));"
        "print(auth.store._scorer_pattern('1', 'a/b'))"
    )

    # Since 3.18 searches are told which experiments somebody was given, by their ids as they were given.
    assert printed.splitlines() == [*(["4 4", "3 2"] if since_3_18 else ["3 3", "3 0"]), "1/a%2Fb"]

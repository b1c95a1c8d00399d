"""What can be granted on what, and in which words it is refused; the same as MLflow's own tables."""

from __future__ import annotations

import json

import pytest

from flowship.accounts import permissions
from flowship.accounts.permissions import ALL_ONLY, NAMED, PERMISSIONS, WORKSPACE_PERMISSIONS, Resource
from flowship.errors import AccountsError
from tests.mlflow_version import SINCE_3_18
from tests.unit.in_mlflow import in_mlflow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("experiment:12", Resource("experiment", "12")),
        ("experiment:*", Resource("experiment", "*")),
        ("registered_model:a:b/c", Resource("registered_model", "a:b/c")),
        ("scorer:12/my scorer", Resource("scorer", "12/my%20scorer")),
        ("scorer:12/my%20scorer", Resource("scorer", "12/my%20scorer")),
        ("scorer:12/a/100%", Resource("scorer", "12/a%2F100%25")),
        ("scorer:*", Resource("scorer", "*")),
        ("run", Resource("run", "*")),
        ("run:*", Resource("run", "*")),
        ("workspace", Resource("workspace", "*")),
    ],
)
def test_a_resource_is_a_type_and_a_name(text: str, expected: Resource) -> None:
    assert permissions.resource(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("experimant:12", "There is no type of things 'experimant'. Did you mean 'experiment'?"),
        (
            "models:churn",
            "There is no type of things 'models'. Write one of assessment, experiment, gateway_endpoint, ",
        ),
        ("experiment", "experiment: which one? Write experiment:NAME, or experiment:* for all."),
        ("prompt:", "prompt: which one? Write prompt:NAME, or prompt:* for all."),
        ("experiment:churn", "experiment:churn: write its number, which its page's address shows, not its name."),
        ("experiment:012", "experiment:012: write its number, which its page's address shows, not its name."),
        ("scorer:quality", "scorer:quality: write the number of its experiment too, as in scorer:12/quality."),
        ("scorer:12/", "scorer:12/: write the number of its experiment too, as in scorer:12/quality."),
        (
            "run:abc",
            "run: MLflow grants on all of this type or none. Write run, or name what it belongs to, such as "
            "experiment:12.",
        ),
    ],
)
def test_what_names_nothing_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(AccountsError) as refused:
        permissions.resource(text)
    assert str(refused.value).startswith(sentence)


def test_permissions_are_read_in_any_case() -> None:
    assert [permissions.permission(text) for text in ("read", "Edit", "DENY")] == ["READ", "EDIT", "DENY"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("manege", "There is no permission 'manege'. Did you mean 'MANAGE'?"),
        ("write", "There is no permission 'write'. Write one of READ, USE, EDIT, MANAGE, DENY."),
        (
            "no_permissions",
            "NO_PERMISSIONS is what somebody has to whom nothing was granted, if auth.defaultPermission says so. Take "
            "a grant away by `flowship revoke`, or write DENY, which wins over all grants.",
        ),
    ],
)
def test_other_permissions_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(AccountsError) as refused:
        permissions.permission(text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("level", "to_user", "sentence"),
    [
        ("USE", True, "workspace: is granted by roles only. Write --role NAME, and assign it to the user."),
        (
            "READ",
            False,
            "workspace: READ cannot be granted on it. Write USE, to work in it, or MANAGE, for its users and roles.",
        ),
    ],
)
def test_a_workspace_is_granted_in_its_own_way(level: str, to_user: bool, sentence: str) -> None:
    with pytest.raises(AccountsError) as refused:
        permissions.require_grantable(level, Resource("workspace", "*"), to_user=to_user)
    assert str(refused.value) == sentence
    permissions.require_grantable("MANAGE", Resource("workspace", "*"), to_user=False)
    permissions.require_grantable(level, Resource("run", "*"), to_user=to_user)


def test_these_are_mlflows_own_tables() -> None:
    named, all_only, granted, on_workspaces = json.loads(
        in_mlflow(
            "import json; from mlflow.server.auth import permissions as all\n"
            "named = sorted(name for name, kinds in all.TYPE.items() if all.PatternKind.ID in kinds)\n"
            "print(json.dumps([named, sorted(set(all.TYPE) - set(named)), sorted(all.RESOURCE_GRANTABLE_PERMISSIONS),"
            " sorted(all.WORKSPACE_GRANTABLE_PERMISSIONS)]))"
        )
    )

    assert named == sorted(set(NAMED) - (set() if SINCE_3_18 else {"skill"}))
    assert all_only == sorted(ALL_ONLY)
    assert granted == sorted(PERMISSIONS)
    assert on_workspaces == sorted(WORKSPACE_PERMISSIONS)


def test_a_scorer_is_written_as_mlflow_keeps_it() -> None:
    name = "a/b c%é"
    kept = in_mlflow(
        "from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore as store;"
        f"print(store._scorer_pattern('12', {name!r}))"
    )

    assert permissions.resource(f"scorer:12/{name}") == Resource("scorer", kept)

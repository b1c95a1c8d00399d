from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

from flowship.auth.methods.oidc.members.roles import RolesInStep
from flowship.mlflow_seams.installation import quiet


class Store:
    """MLflow's store of users, as far as roles go."""

    def __init__(self) -> None:
        self.roles = {"readers": 1, "writers": 2, "by hand": 3}
        self.has = {3}

    def get_user(self, username: str) -> SimpleNamespace:
        return SimpleNamespace(id=7, username=username)

    def list_roles(self, workspaces: list[str]) -> list[SimpleNamespace]:
        assert workspaces == ["default"]
        return [SimpleNamespace(name=name, id=number) for name, number in self.roles.items()]

    def list_user_roles_for_workspace(self, user_id: int, workspace: str) -> list[SimpleNamespace]:
        assert (user_id, workspace) == (7, "default")
        return [SimpleNamespace(name=name, id=number) for name, number in self.roles.items() if number in self.has]

    def assign_role_to_user(self, user_id: int, role_id: int) -> None:
        self.has.add(role_id)

    def unassign_role_from_user(self, user_id: int, role_id: int) -> None:
        self.has.remove(role_id)


def test_roles_that_groups_bring_come_and_go_and_others_stay() -> None:
    store = Store()
    roles = RolesInStep(lambda: store, ["readers", "writers"])

    roles.keep("ada", {"readers"})
    assert store.has == {1, 3}
    roles.keep("ada", {"writers"})
    assert store.has == {2, 3}
    roles.keep("ada", set())
    assert store.has == {3}


def test_a_role_that_mlflow_does_not_have_is_told(caplog: pytest.LogCaptureFixture) -> None:
    RolesInStep(Store, ["editors"]).keep("ada", {"editors"})

    assert "oidcAuth.roles names the role 'editors', which MLflow does not have; make it there" in caplog.text


def test_where_groups_bring_no_roles_nobody_is_asked() -> None:
    RolesInStep(lambda: pytest.fail("nobody needs the store"), []).keep("ada", set())


def test_mlflows_store_is_asked_by_the_names_that_it_has() -> None:
    with quiet():
        from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

    def named(each: object) -> set[str]:
        return {name for name in dir(each) if not name.startswith("_")} - {"roles", "has"}

    for name in named(Store):
        wanted = list(inspect.signature(getattr(Store, name)).parameters)
        assert list(inspect.signature(getattr(SqlAlchemyStore, name)).parameters) == wanted

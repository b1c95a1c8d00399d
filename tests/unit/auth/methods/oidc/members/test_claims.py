from __future__ import annotations

from typing import Any

import pytest

from flowship.auth.methods.oidc.members import claims
from flowship.auth.methods.oidc.provider.errors import LogInRefusedError
from flowship.auth.methods.oidc.provider.settings import ProviderSettings
from tests.unit.auth.methods.oidc import recorded


def settings(**more: Any) -> ProviderSettings:
    return ProviderSettings(discovery_url="", client_id="", client_secret="", **more)


@pytest.mark.parametrize(
    ("said", "path", "found"),
    [
        ({"groups": ["a"]}, "groups", {"a"}),
        ({"groups": "one, with a comma"}, "groups", {"one, with a comma"}),
        ({"groups": []}, "groups", set()),
        ({"groups": ""}, "groups", set()),
        ({"a": {"b": {"c": ["x"]}}}, "a.b.c", {"x"}),
        ({"a": {"b.c": ["x"]}}, "a.b.c", {"x"}),
        ({"a.b": {"c": ["x"]}}, "a.b.c", {"x"}),
        ({"a": "no object", "a.b": {"c": ["x"]}}, "a.b.c", {"x"}),
        ({"https://example.com/groups": ["x"]}, "https://example.com/groups", {"x"}),
        (
            {"urn:zitadel:iam:org:project:roles": {"mlflow": {"1": "x"}}},
            "urn:zitadel:iam:org:project:roles",
            {"mlflow"},
        ),
        ({"cognito:groups": ["x"]}, "cognito:groups", {"x"}),
        (recorded.ENTRA_WITH_GROUPS, "groups", set(recorded.ENTRA_WITH_GROUPS["groups"])),
        (recorded.OKTA_USERINFO, "groups", {"Everyone", "MLflow Users"}),
        (recorded.GOOGLE_CLAIMS, "hd", {"example.com"}),
        (recorded.KEYCLOAK_CLAIMS, "groups", {"/mlflow", "/teams/vision"}),
        (recorded.KEYCLOAK_CLAIMS, "realm_access.roles", {"offline_access", "uma_authorization", "mlflow-admin"}),
        (recorded.KEYCLOAK_CLAIMS, "resource_access.mlflow.example.com.roles", {"writer"}),
        (recorded.GOOGLE_CLAIMS, "groups", None),
        (recorded.OKTA_CLAIMS, "groups", None),
        ({"a": {}}, "a.b", None),
        ({"a": None}, "a", None),
    ],
)
def test_groups_are_found_as_each_provider_writes_them(said: dict[str, Any], path: str, found: set[str] | None) -> None:
    assert claims.groups(said, path) == found


@pytest.mark.parametrize("said", [[1], ["a", None], [["a"]], 7, True])
def test_groups_of_another_kind_let_nobody_in(said: Any) -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.groups({"groups": said}, "groups")
    assert str(refused.value) == claims.NO_GROUPS
    assert "neither a list of texts nor a text" in refused.value.detail


@pytest.mark.parametrize("said", [recorded.ENTRA_OVERAGE, recorded.ENTRA_IMPLICIT_OVERAGE])
def test_entras_overage_is_told_to_the_user_and_how_to_mend_it_to_the_log(said: dict[str, Any]) -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.groups(said, "groups")

    assert str(refused.value) == (
        "You are in more groups than the provider puts into its answer, so it is not known whether you may use this "
        "server. Ask an administrator."
    )
    assert refused.value.detail == (
        "the provider leaves the claim groups out, because the user is in too many groups; have it give only groups "
        "assigned to this application (Entra: Token configuration, groups claim)"
    )


def test_a_provider_without_groups_is_told() -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.rights(None, settings())

    assert str(refused.value) == (
        "The provider names no group of yours: you are in none, or it does not say which. So you may not use this "
        "server. Ask an administrator."
    )
    assert refused.value.detail == (
        "the provider gives no claim groups, as Keycloak does for who is in no group; if others get the same, have it "
        "put the groups into the id token, or name their claim in oidcAuth.groupsAttribute"
    )


@pytest.mark.parametrize(
    ("groups", "is_admin"),
    [({"mlflow"}, False), ({"mlflow-admin"}, True), ({"mlflow", "mlflow-admin", "x"}, True), ({"also"}, False)],
)
def test_groups_say_who_may_come_in_and_who_is_an_admin(groups: set[str], is_admin: bool) -> None:
    given = settings(groups=("mlflow", "also"), admin_groups=("mlflow-admin",))

    assert claims.rights(frozenset(groups), given).is_admin is is_admin


@pytest.mark.parametrize("groups", [set(), {"another"}, {"MLFLOW"}, {"/mlflow"}, {"mlflow-admins"}, {"vision"}])
def test_others_may_not_come_in(groups: set[str]) -> None:
    given = settings(groups=("mlflow",), admin_groups=("mlflow-admin",), roles={"vision": "readers"})

    with pytest.raises(LogInRefusedError) as refused:
        claims.rights(frozenset(groups), given)
    assert str(refused.value) == claims.IN_NO_GROUP


def test_without_a_group_of_admins_mlflow_says_who_is_one() -> None:
    assert claims.rights(frozenset({"mlflow"}), settings(groups=("mlflow",))).is_admin is None


def test_groups_bring_roles() -> None:
    given = settings(groups=("mlflow",), roles={"vision": "readers", "mlflow": "everybody", "nlp": "writers"})

    assert claims.rights(frozenset({"mlflow", "vision"}), given).roles == {"readers", "everybody"}


@pytest.mark.parametrize(
    ("said", "claim", "name"),
    [
        ({"email": " Ada@Example.COM "}, "email", "ada@example.com"),
        ({"email": "ada@example.com", "email_verified": True}, "email", "ada@example.com"),
        ({"upn": "\uff21da"}, "upn", "ada"),
        ({"nick": "STRASSE"}, "nick", "strasse"),
        (recorded.ENTRA_CLAIMS, "preferred_username", "abeli@microsoft.com"),
        (recorded.GOOGLE_CLAIMS, "email", "jsmith@example.com"),
        (recorded.OKTA_CLAIMS, "preferred_username", "john.doe@example.com"),
        (recorded.KEYCLOAK_CLAIMS, "preferred_username", "ada"),
        ({"a": {"b": "ada"}}, "a.b", "ada"),
    ],
)
def test_a_users_name_has_one_spelling(said: dict[str, Any], claim: str, name: str) -> None:
    assert claims.username(said, claim) == name


@pytest.mark.parametrize("name", ["", " ", "a:b", "a\nb", "a\0", "x" * 256, 7, ["ada"], {"a": 1}, True, "a\u202eb"])
def test_a_name_that_mlflow_could_not_keep_is_refused(name: Any) -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.username({"email": name}, "email")
    assert str(refused.value) == claims.NO_NAME
    assert refused.value.detail == (
        "the claim email holds no name that can be used; name another one in oidcAuth.usernameClaim, or ask for it in "
        "oidcAuth.scope"
    )


def test_a_claim_that_is_not_there_is_told() -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.username(recorded.ENTRA_CLAIMS, "email")
    assert refused.value.detail.startswith("the claim email is not there; name another one in oidcAuth.usernameClaim")


@pytest.mark.parametrize("said", [False, "false"])
def test_an_address_that_anybody_could_have_written_is_no_name(said: Any) -> None:
    with pytest.raises(LogInRefusedError) as refused:
        claims.username({"email": "ceo@example.com", "email_verified": said}, "email")
    assert str(refused.value) == claims.UNVERIFIED

"""Against a server that keeps Secrets as Kubernetes does; `tests/e2e/test_bundled.py` asks the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trustme

from flowship.errors import KubernetesError
from flowship.kubernetes.api import Api
from flowship.kubernetes.passwords import TRIES, Wanted, make_missing
from tests.integration.servers.kubernetes_api import Kept, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = Wanted("db", ("password", "postgres-password"), "mlflow")
KEEP = {"helm.sh/resource-policy": "keep"}


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def environ(kept: Kept, tmp_path: Path) -> Iterator[dict[str, str]]:
    with serving(kept, tmp_path) as environ:
        yield environ


@pytest.fixture
def api(environ: dict[str, str], tmp_path: Path) -> Api:
    return Api.of_this_pod(environ, tmp_path)


def old(**data: str) -> dict[str, Any]:
    return {"metadata": {"name": "db", "labels": {"mine": "yes"}, "annotations": {"a": "b"}}, "data": data}


def test_passwords_are_made_once_and_stay(api: Api, kept: Kept) -> None:
    assert make_missing(api, WANTED) == ["password", "postgres-password"]
    made = kept.secrets["db"]
    assert make_missing(api, WANTED) == []

    assert made["data"].keys() == set(WANTED.keys)
    assert kept.secrets["db"] == made
    assert kept.writes == 1


def test_only_what_is_missing_is_added_to_a_secret_of_before_which_is_kept_from_then_on(api: Api, kept: Kept) -> None:
    kept.keep(old(password="eA=="))

    assert make_missing(api, WANTED) == ["postgres-password"]
    found = kept.secrets["db"]
    assert found["data"]["password"] == "eA=="
    assert found["metadata"]["labels"] == {"mine": "yes"}
    assert found["metadata"]["annotations"] == {"a": "b", **KEEP}


def test_a_whole_secret_of_before_is_only_marked_as_one_to_keep(api: Api, kept: Kept) -> None:
    whole = old(**{"password": "eA==", "postgres-password": "eQ=="})
    kept.keep(whole)

    assert make_missing(api, WANTED) == []
    assert kept.secrets["db"]["data"] == whole["data"]
    assert kept.secrets["db"]["metadata"]["annotations"] == {"a": "b", **KEEP}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_others_make_meanwhile_is_not_overwritten(api: Api, kept: Kept, method: str) -> None:
    """Two at once, such as two syncs of Argo CD."""
    if method == "PATCH":
        kept.keep(old())

    def meanwhile(asked: str) -> None:
        if asked == method and "password" not in (kept.secrets.get("db", {}).get("data") or {}):
            kept.keep(old(password="dGhlaXJz"))

    kept.before = meanwhile

    assert make_missing(api, WANTED) == ["postgres-password"]
    assert kept.secrets["db"]["data"]["password"] == "dGhlaXJz"


def test_it_gives_up_on_a_secret_that_never_rests(api: Api, kept: Kept) -> None:
    kept.keep(old())
    kept.before = lambda asked: None if asked == "GET" else void(kept.keep(kept.secrets["db"]))

    with pytest.raises(KubernetesError, match=f"db was changed by others at each of {TRIES} tries"):
        make_missing(api, WANTED)


def void(_: object) -> None:
    return None


def test_a_refusal_of_kubernetes_is_told_in_its_words(api: Api, kept: Kept) -> None:
    kept.allowed = {"GET"}

    with pytest.raises(KubernetesError, match="refused to POST secrets in team-a: POST is forbidden for this Service"):
        make_missing(api, WANTED)


def test_a_server_with_another_certificate_gets_no_token(api: Api, kept: Kept, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.crt")

    with pytest.raises(KubernetesError, match=r"cannot be asked: .*certificate"):
        make_missing(api, WANTED)
    assert kept.secrets == {}


@pytest.mark.parametrize("missing", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "token", "namespace"])
def test_outside_a_pod_it_says_where_it_runs(environ: dict[str, str], tmp_path: Path, missing: str) -> None:
    environ.pop(missing, None)
    (tmp_path / missing).unlink(missing_ok=True)

    with pytest.raises(KubernetesError, match=f"and this is none: .*{missing}"):
        Api.of_this_pod(environ, tmp_path)


def test_the_token_is_not_in_a_representation(api: Api) -> None:
    assert "the token" not in repr(api)

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowship.artifacts.paths import canonical, typed
from flowship.server.http.addresses.paths import CanonicalPaths
from tests.unit.server.asgi import Answer, ask, hello

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
ROUTES = [
    f"{prefix}/{api}/2.0/mlflow-artifacts/{family}/"
    for prefix in ("", "/ml")
    for api in ("api", "ajax-api")
    for family in ("artifacts", "presigned", "mpu/create", "mpu/complete", "mpu/abort")
]
PIECES = ["4", "/", ".", "..", "%2e", "%2E", "%252e", "%2F", "%5C", "\\", "%", "//", ";", "%00", "%ff", "a", " ", "ä"]


class Seen:
    """What is behind: it keeps what it was asked."""

    scope: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        if scope["type"] == "http":
            await hello(scope, receive, send)


def sent(raw: str, method: str = "GET", **scope: Any) -> tuple[Answer, str | None]:
    """The answer to a request for this raw path, and the path that is seen behind."""
    seen = Seen()
    answer = asyncio.run(ask(CanonicalPaths(seen, "/ml"), unquote(raw), method, raw_path=raw.encode(), **scope))
    return answer, seen.scope and seen.scope["path"]


def said(answer: Answer) -> str:
    body = json.loads(answer.body)
    assert (answer.status, body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    return str(body["message"])


@pytest.mark.parametrize("route", ROUTES)
def test_an_artifact_is_seen_behind_under_its_name_on_every_route(route: str) -> None:
    answer, path = sent(f"{route}4/run/artifacts/growth%2050%2525.txt")

    assert (answer.status, path) == (200, f"{route}4/run/artifacts/growth 50%25.txt")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("./4/x", "has '.' or '..' in it"),
        ("%2e/4/x", "has '.' or '..' in it"),
        ("%252e/4/x", "has '.' or '..' in it"),
        ("4%2Fx", "has an escaped '/' (%2F) in it: a name cannot have one"),
        ("4//x", "has an empty part"),
        ("/4/x", "is absolute"),
        ("", "names no artifact"),
    ],
)
def test_a_path_with_two_meanings_is_refused_on_every_route(route: str, path: str, why: str) -> None:
    answer, seen = sent(f"{route}{path}")

    assert seen is None
    assert why in said(answer)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from(["GET", "DELETE", "PUT"]))
def test_whoever_reads_it_behind_reads_the_same(raw: str, method: str) -> None:
    raw = quote(raw, safe="/%;\\")
    answer, path = sent(f"{ARTIFACTS}{raw}", method)
    if answer.status == 400:
        assert path is None
        return
    assert path
    artifact = path.removeprefix(ARTIFACTS)
    assert typed(artifact) == canonical(artifact) == artifact
    assert unquote(raw).removesuffix("/") == artifact


def test_what_is_seen_behind_goes_with_its_raw_form() -> None:
    seen = Seen()
    asyncio.run(ask(CanonicalPaths(seen, ""), f"{ARTIFACTS}4/", "DELETE", raw_path=f"{ARTIFACTS}4/".encode()))

    assert (seen.scope["path"], seen.scope["raw_path"]) == (f"{ARTIFACTS}4", f"{ARTIFACTS}4".encode())


def test_an_upload_must_name_a_file() -> None:
    answer, _ = sent(f"{ARTIFACTS}4/run/artifacts/", "PUT")

    assert "has an empty part" in said(answer)


def test_a_query_after_an_upload_was_part_of_its_name() -> None:
    answer, _ = sent(f"{ARTIFACTS}4/run/artifacts/why", "PUT", query_string=b"x.txt")

    assert said(answer) == (
        "The path is followed by a '?', which MLflow's clients send as it is when it stands in the name of a file: "
        "rename the file, then log it again."
    )


def test_an_upload_of_mlflows_client_that_was_cut_is_refused() -> None:
    headers = [(b"user-agent", b"mlflow-python-client/2.22.0"), (b"content-type", b"image/png")]
    refused, _ = sent(f"{ARTIFACTS}4/run/artifacts/images/a", "PUT", headers=headers)
    others, _ = sent(f"{ARTIFACTS}4/run/artifacts/images/a", "PUT", headers=headers[1:])

    assert "The file was cut to 'a' on its way" in said(refused)
    assert others.status == 200


def test_an_image_of_the_old_client_is_kept_under_its_newer_name() -> None:
    name = "4/run/artifacts/images/a%25step%2523%25timestamp%251732000000000%25k123b9a0-1111-2222-3333-444455556666.png"
    _, kept = sent(f"{ARTIFACTS}{name}", "PUT")
    _, read = sent(f"{ARTIFACTS}{name}")

    assert kept == f"{ARTIFACTS}{unquote(name).replace('%', '+')}"
    assert read == f"{ARTIFACTS}{unquote(name)}"


@pytest.mark.parametrize(
    "path", ["/api/2.0/mlflow/runs/get", "/", "/ajax-api/3.0/mlflow/mcp-servers/a%2Fb", "//api", "/a/"]
)
def test_other_paths_are_only_decoded(path: str) -> None:
    answer, seen = sent(path)

    assert (answer.status, seen) == (200, unquote(path))


@pytest.mark.parametrize(
    "path", ["/health/../api", "/static-files/%2e%2e/x", "/gateway/%252e%252e/x", "/a%0Ab", "/%ff", "*"]
)
def test_other_paths_must_be_clear_too(path: str) -> None:
    answer, seen = sent(path)

    assert (answer.status, seen) == (400, None)


def test_without_a_raw_path_the_decoded_one_counts() -> None:
    seen = Seen()
    answer = asyncio.run(ask(CanonicalPaths(seen, ""), f"{ARTIFACTS}4/50%25.txt"))

    assert (answer.status, seen.scope["path"]) == (200, f"{ARTIFACTS}4/50%25.txt")


def test_what_is_no_request_passes() -> None:
    seen = Seen()
    asyncio.run(CanonicalPaths(seen, "")({"type": "lifespan"}, None, None))  # type: ignore[arg-type]

    assert seen.scope == {"type": "lifespan"}

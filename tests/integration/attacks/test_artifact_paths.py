"""Paths of artifacts: whoever may not have what a path names has it under no spelling, on no route.

One server keeps artifacts on its disk and lets everybody manage what nobody else decides; the other keeps them in an
object store, below a static prefix. On both, eve is denied one experiment and may manage another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.artifacts.conftest import s3_values
from tests.integration.flowship import Running, running
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import ADMIN, auth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.integration.servers.s3 import S3Server

    User = tuple[str, str] | None

EVE = ("eve", "eve's first password")
NOBODY = None
SECRET = b"what eve may not see"

SPELLINGS = [
    "{0}/{1}",
    "./{0}/{1}",
    "%2e/{0}/{1}",
    "%252e/{0}/{1}",
    "%25252E/{0}/{1}",
    "/{0}/{1}",
    "%2f{0}/{1}",
    "%5c{0}/{1}",
    ".%5c{0}/{1}",
    "{own}/../{0}/{1}",
    "{own}/%2e%2e/{0}/{1}",
    "{own}/%252e%252e/{0}/{1}",
    "{own}/..%2f{0}/{1}",
    "{own}/..%5c{0}%5c{1}",
    "{own}%2f..%2f{0}/{1}",
    "{own}/%c0%ae%c0%ae/{0}/{1}",
    "{0}//{1}",
    "{0}/./{1}",
    "{0};a=b/{1}",
    "{0}%00/{1}",
    "{0}%20/{1}",
    "%20{0}/{1}",
    "%09{0}/{1}",
    "0{0}/{1}",
    "+{0}/{1}",
    "%d9%a4/{1}",
    "workspaces/default/{0}/{1}",
    "models/../{0}/{1}",
    "file:{0}/{1}",
    "C:/{0}/{1}",
]
"""How the path of a file in the experiment 0 may be written, by one who has the experiment `own`."""

PIECES = [".", "..", "/", "//", "%2e", "%252e", "%2f", "%5c", "\\", ";", "%", "%00", "%20", "~", "OWN", "x"]
"""What other spellings are made of."""

LISTED = [
    "",
    "{0}",
    "./{0}",
    "{0}/.",
    "%2e/{0}",
    "%252e/{0}",
    "/{0}",
    "//{0}",
    ".",
    "./",
    "%2e",
    "{own}/../{0}",
    "0{0}",
]
"""What may be listed of it."""


@dataclass
class Attacked:
    """A server with a secret, and what is in its store."""

    up: Running
    stored: Callable[[], Mapping[str, bytes]]
    secret: str
    """The experiment that eve is denied."""
    own: str
    """The one that she manages."""
    file: str
    """Where the secret is in its experiment."""
    run: str
    """A run of hers."""

    @property
    def bases(self) -> list[str]:
        """Where artifacts can be asked for; FastAPI's routes of them are without the prefix, too."""
        prefix = self.up.address.removeprefix(self.root)
        return [f"{at}/{api}/2.0" for at in dict.fromkeys((prefix, "")) for api in ("api", "ajax-api")]

    @property
    def root(self) -> str:
        return "/".join(self.up.address.split("/")[:3])

    def ask(self, user: User, method: str, path: str, body: Any = None) -> Answer:
        """`path` is as it shall be sent."""
        return ask(self.root, path, method=method, body=body, headers=basic(*user) if user else {})

    def api(self, user: tuple[str, str], method: str, path: str, **body: Any) -> Any:
        answer = self.ask(user, method, f"{self.bases[0].removesuffix('/2.0')}/{path}", body)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    def spelled(self, spelling: str) -> str:
        return spelling.format(self.secret, self.file, own=self.own)


@pytest.fixture(scope="module", params=["disk", "s3"])
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    data = tmp_path_factory.mktemp("attacked") / "data"
    values: dict[str, Any] = {"auth": auth()}
    if request.param == "disk":
        values["auth"]["defaultPermission"] = "MANAGE"
        stored = lambda: {  # noqa: E731
            str(file.relative_to(data / "artifacts")): file.read_bytes()
            for file in (data / "artifacts").rglob("*")
            if file.is_file()
        }
    else:
        s3: S3Server = request.getfixturevalue("s3")
        s3.create_bucket("attacked")
        values |= s3_values(s3, "attacked", proxiedArtifactStorage=True, s3={"path": "root"})
        values["extraArgs"] = {"workers": 1, "staticPrefix": "/ml"}
        values["auth"]["defaultPermission"] = "READ"
        stored = lambda: _objects(s3, "attacked")  # noqa: E731
    with running(values, data=data) as up:
        yield _prepared(up, stored)


def _objects(s3: S3Server, bucket: str) -> dict[str, bytes]:
    names = s3.object_names(bucket)
    return {name: s3.client().get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}


def _prepared(up: Running, stored: Callable[[], Mapping[str, bytes]]) -> Attacked:
    made = Attacked(up, stored, "", "", "", "")
    made.api(ADMIN, "POST", "2.0/mlflow/users/create", username=EVE[0], password=EVE[1])
    experiments = [made.api(ADMIN, "POST", "2.0/mlflow/experiments/create", name=f"e{i}") for i in range(4)]
    made.secret = experiments[3]["experiment_id"]
    made.own = made.api(EVE, "POST", "2.0/mlflow/experiments/create", name="own")["experiment_id"]
    which = {"username": "eve", "resource_type": "experiment", "resource_id": made.secret, "permission": "DENY"}
    made.api(ADMIN, "POST", "3.0/mlflow/users/permissions/grant", **which)
    runs = [
        made.api(user, "POST", "2.0/mlflow/runs/create", experiment_id=experiment)["run"]["info"]["run_id"]
        for user, experiment in ((ADMIN, made.secret), (EVE, made.own))
    ]
    made.run, made.file = runs[1], f"{runs[0]}/artifacts/secret.txt"
    for user, path, body in (
        (ADMIN, f"{made.secret}/{made.file}", SECRET),
        (EVE, f"{made.own}/{made.run}/artifacts/own.txt", b"hers"),
    ):
        answer = made.ask(user, "PUT", f"{made.bases[0]}/mlflow-artifacts/artifacts/{path}", body)
        assert answer.status == 200, answer.text
    return made


def spellings(user: User) -> list[str]:
    """How this user writes a path: who is nobody is not let in by any, so a few will do."""
    return SPELLINGS if user else SPELLINGS[:8]


def refused(answer: Answer, user: User) -> bool:
    """Whether somebody got nothing: where no such route is, or none of this method, also eve is told so."""
    return answer.status in {400, 404, 405, 403 if user else 401} and SECRET.decode() not in answer.text


@pytest.mark.parametrize("user", [NOBODY, EVE], ids=["nobody", "eve"])
def test_no_spelling_reads_what_is_denied(attacked: Attacked, user: User) -> None:
    ways = [("GET", "artifacts", spelling) for spelling in spellings(user)]
    ways += [("GET", "presigned", spelling) for spelling in SPELLINGS[:8]]
    ways += [("HEAD", "artifacts", spelling) for spelling in SPELLINGS[:3]]
    asked = [
        (method, f"{base}/mlflow-artifacts/{route}/{attacked.spelled(spelling)}")
        for base, (method, route, spelling) in product(attacked.bases, ways)
    ]

    assert [(*what, answer) for what in asked if not refused(answer := attacked.ask(user, *what), user)] == []


@pytest.mark.parametrize("user", [NOBODY, EVE], ids=["nobody", "eve"])
def test_no_spelling_lists_what_is_denied(attacked: Attacked, user: User) -> None:
    queries = [f"?path={attacked.spelled(path)}" for path in LISTED]
    queries += ["", "?x=y", f"?x=y&path=./{attacked.secret}", f"?path={attacked.secret}&path={attacked.own}"]
    ways: list[tuple[str, Any]] = [(query, None) for query in queries]
    ways += [(query, {"path": attacked.secret}) for query in ("", "?x=y", f"?path={attacked.secret}")]
    asked = [
        ("GET", f"{base}/mlflow-artifacts/artifacts{query}", body)
        for base, (query, body) in product(attacked.bases, ways)
    ]

    assert [(*what, answer) for what in asked if not refused(answer := attacked.ask(user, *what), user)] == []


@pytest.mark.parametrize("user", [NOBODY, EVE], ids=["nobody", "eve"])
def test_no_spelling_changes_what_is_denied_or_lies_in_no_experiment(attacked: Attacked, user: User) -> None:
    before = attacked.stored()
    outside = ["x.txt", "", ".", "./", "%2e", "models/x", "99999/x", f"99999/{attacked.run}/artifacts/x", "00/x"]
    paths = outside + [attacked.spelled(spelling) for spelling in spellings(user)]
    folders = [spelling.format(attacked.secret, "", own=attacked.own).rstrip("/") for spelling in spellings(user)]
    part = {"path": "/tmp/x.txt", "num_parts": 1, "upload_id": "1", "parts": []}
    ways: list[tuple[str, str, Any]] = [("PUT", f"artifacts/{path}", b"eve's") for path in paths]
    ways += [("DELETE", f"artifacts/{path}", None) for path in paths + folders]
    ways += [("POST", f"mpu/create/{path}", part) for path in paths]
    ways += [("POST", f"mpu/{end}/{path}", part) for end in ("complete", "abort") for path in paths[:12]]
    asked = [
        (method, f"{base}/mlflow-artifacts/{path}", body)
        for base, (method, path, body) in product((attacked.bases[0], attacked.bases[-1]), ways)
    ]

    assert [(*what, answer) for what in asked if not refused(answer := attacked.ask(user, *what), user)] == []
    assert attacked.stored() == before


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join), st.sampled_from(["/", ""]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_spellings_that_nobody_thought_of_read_nothing_either(attacked: Attacked, before: str, between: str) -> None:
    path = quote(f"{before}{between}{attacked.secret}/{attacked.file}", safe="/%;~").replace("OWN", attacked.own)
    base = f"{attacked.bases[-1]}/mlflow-artifacts/artifacts"

    read = attacked.ask(EVE, "GET", f"{base}/{path}")
    listed = attacked.ask(EVE, "GET", f"{base}?path={path}")

    assert refused(read, EVE), read
    assert refused(listed, EVE) or listed.text == "{}", listed  # a folder of her own that is not there


@pytest.mark.parametrize(
    "path",
    ["../../../{0}/{1}", "%2e%2e/{0}", "..%2f..%2f..%2f{0}%2f{1}", "%252e%252e/x", "/etc/passwd", "C:/x", "a%00"],
)
def test_a_path_in_a_run_does_not_leave_it(attacked: Attacked, path: str) -> None:
    path, at = attacked.spelled(path), attacked.bases[1].removesuffix("/2.0")
    prefix = at.removesuffix("/ajax-api")
    asked = [
        ("GET", f"{prefix}/get-artifact?run_uuid={attacked.run}&path={path}"),
        ("GET", f"{at}/2.0/mlflow/artifacts/list?run_id={attacked.run}&path={path}"),
        ("POST", f"{at}/2.0/mlflow/upload-artifact?run_uuid={attacked.run}&path={path}"),
    ]
    before = attacked.stored()

    answers = [attacked.ask(EVE, method, target, b"eve's" if method == "POST" else None) for method, target in asked]
    denied = attacked.ask(EVE, "GET", f"{prefix}/get-artifact?run_uuid={attacked.file[:32]}&path=secret.txt")

    assert [answer.status for answer in answers] == [400] * 3
    assert denied.status == 403
    assert attacked.stored() == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_no_header_makes_another_request_of_one(attacked: Attacked, header: str) -> None:
    base = f"{attacked.bases[0]}/mlflow-artifacts/artifacts"
    own, secret = (
        f"{base}/{attacked.own}/{attacked.run}/artifacts/own.txt",
        f"{base}/{attacked.secret}/{attacked.file}",
    )
    headers = {**basic(*EVE), header: "DELETE" if "Method" in header else secret}

    first = ask(attacked.root, own, headers=headers)
    again = ask(attacked.root, own, headers=headers)

    assert (first.text, again.text) == ("hers", "hers")


@pytest.mark.parametrize(
    "path", ["/API/2.0/mlflow/{}", "/api//2.0/mlflow/{}", "//api/2.0/mlflow/{}", "/api/2.0/mlflow/{}/"]
)
def test_other_spellings_of_other_routes_answer_nobody(attacked: Attacked, path: str) -> None:
    path = path.format("experiments/get") + f"?experiment_id={attacked.secret}"

    for user, method in product((NOBODY, EVE), ("GET", "HEAD", "OPTIONS")):
        answer = attacked.ask(user, method, path)
        assert answer.status in {308, 400, 401, 403, 404} or (method == "OPTIONS" and not answer.text), answer


def test_what_lies_in_no_experiment_is_the_admins(attacked: Attacked) -> None:
    base = f"{attacked.bases[0]}/mlflow-artifacts/artifacts"

    kept = attacked.ask(ADMIN, "PUT", f"{base}/notes/x.txt", b"x")
    listed = attacked.ask(ADMIN, "GET", base)
    gone = attacked.ask(ADMIN, "DELETE", f"{base}/notes")
    everything = attacked.ask(ADMIN, "DELETE", f"{base}/.")

    assert (kept.status, gone.status, everything.status) == (200, 200, 400)
    assert {"notes", attacked.own, attacked.secret} <= {file["path"] for file in json.loads(listed.text)["files"]}
    assert SECRET in attacked.stored().values()


def test_ones_own_artifacts_are_there_on_every_route(attacked: Attacked) -> None:
    for base in attacked.bases[:2]:
        folder = quote(f"{base}/mlflow-artifacts/artifacts/{attacked.own}/{attacked.run}/artifacts/some folder")
        kept = attacked.ask(EVE, "PUT", f"{folder}/%C3%A4%2050%25.txt", b"text")
        query = quote(f"{attacked.own}/./{attacked.run}/artifacts//some folder/")
        listed = attacked.ask(EVE, "GET", f"{base}/mlflow-artifacts/artifacts?path={query}")
        read = attacked.ask(EVE, "GET", f"{folder}/%C3%A4%2050%25.txt")
        gone = attacked.ask(EVE, "DELETE", f"{folder}/")

        assert (kept.status, listed.status, read.text, gone.status) == (200, 200, "text", 200)
        assert [file["path"] for file in json.loads(listed.text)["files"]] == ["ä 50%.txt"]
        assert not [name for name in attacked.stored() if "some folder" in name]


NAMES = [
    "growth 50%.txt",
    "growth 50%25.txt",
    "a%2Fb.txt",
    "a#b.txt",
    "a?b.txt",
    "C:drive.txt",
    "c:drive.txt",
    "metrics:loss.png",
    r"a\b.txt",
    " a",
    "a ",
    "a;b",
    "a;",
    "%",
    "...",
    "[a]",
    "a+b&c=d.txt",
    "密码 🔑.txt",
]


def test_a_file_is_kept_under_its_name_or_refused(attacked: Attacked) -> None:
    folder = f"{attacked.own}/{attacked.run}/artifacts/names"
    base = f"{attacked.bases[0]}/mlflow-artifacts/artifacts"
    kept = []
    for name in NAMES:
        answer = attacked.ask(EVE, "PUT", f"{base}/{quote(f'{folder}/{name}')}", name.encode())
        if answer.status == 200:
            kept.append(name)
        else:
            assert (answer.status, "could not be read back under its name" in answer.text) == (400, True), answer

    listed = json.loads(attacked.ask(EVE, "GET", f"{base}?path={folder}").text)["files"]
    read = [attacked.ask(EVE, "GET", f"{base}/{quote(f'{folder}/{name}')}").text for name in kept]

    assert sorted(file["path"] for file in listed) == sorted(kept)
    assert read == kept
    assert {"growth 50%.txt", "c:drive.txt", "密码 🔑.txt"} <= set(kept)
    assert {"growth 50%25.txt", "a%2Fb.txt", "C:drive.txt", "a#b.txt", "a?b.txt"}.isdisjoint(kept)

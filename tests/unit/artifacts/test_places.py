from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowship.artifacts.places import PLAIN, Allowed, place, root

PROXIED = Allowed(("mlflow-artifacts:/",), users=True)
DIRECT = Allowed(("s3://runs/team a/100%", "mlflow-artifacts:/"), users=True)
RUN = "s3://runs/team a/100%/4/abc/artifacts"


def nothing() -> tuple[str, ...]:
    return ()


@pytest.mark.parametrize(
    "address",
    [
        "mlflow-artifacts:/four",
        "mlflow-artifacts:///four/4",
        "mlflow-artifacts:/team a/my model",
        "mlflow-artifacts:/100%",
        "mlflow-artifacts:/a%20b",
        "mlflow-artifacts:/...",
    ],
)
def test_a_location_lies_under_the_root(address: str) -> None:
    assert PROXIED.location("artifact_location", address) is None


@pytest.mark.parametrize("address", ["s3://runs/team a/100%", "s3://runs/team a/100%/x", "mlflow-artifacts:/4x"])
def test_a_location_lies_under_one_of_the_roots(address: str) -> None:
    assert DIRECT.location("artifact_location", address) is None


@pytest.mark.parametrize(
    "address",
    [
        "mlflow-artifacts:/4",
        "mlflow-artifacts:///4/abc",
        "mlflow-artifacts:/%34/x",
        "mlflow-artifacts:/ 4",
        "s3://runs/team a/100%/4/x",
    ],
)
def test_a_location_is_not_an_experiments_folder(address: str) -> None:
    assert DIRECT.location("artifact_location", address) == (
        f'artifact_location "{address}" is where the server keeps the artifacts of an experiment by its number. Leave '
        "it out, or begin with a name; an admin may name any place, and can let everybody name this one by "
        "artifactRoot.allowedLocations."
    )
    assert Allowed(DIRECT.roots).location("artifact_location", address) is None, "nobody is told apart from others"
    assert Allowed(DIRECT.roots, (address,), users=True).location("artifact_location", address) is None


@pytest.mark.parametrize(
    "address",
    [
        "s3://runs",
        "s3://runs/team a",
        "s3://runs/team a/100%x",
        "s3://runs/team a/100",
        "s3://RUNS/team a/100%/x",
        "s3:/runs/team a/100%/x",
        "s3a://runs/team a/100%/x",
        "s3://runs:80/team a/100%/x",
        "s3://x@runs/team a/100%/x",
        "mlflow-artifacts://host/4",
        "file:///tmp",
        "/tmp",
        "runs:/abc/x",
        "models:/m-1",
    ],
)
def test_a_location_elsewhere_is_refused_with_what_to_write(address: str) -> None:
    assert DIRECT.location("artifact_location", address) == (
        f'artifact_location "{address}" is not under s3://runs/team a/100% or mlflow-artifacts:/, where this server '
        "keeps artifacts. Leave it out; an admin may name any place, and can let everybody name this one by "
        "artifactRoot.allowedLocations."
    )


AMBIGUOUS = [
    "",
    "tmp",
    "./tmp",
    "s3:runs",
    "S3://runs/team a/100%/x",
    "FILE:///tmp",
    " s3://runs/team a/100%/x",
    "s3://runs/team a/100%/x\n",
    "s3://ru\tns/x",
    "s3://key:secret@runs/x",
    "s3://runs/team a/100%/x?y",
    "s3://runs/team a/100%/x#y",
    "s3://runs/team a/100%/../x",
    "s3://runs/team a/100%/%2e%2e/x",
    "s3://runs/team a/100%/%252E./x",
    "s3://runs/team a/100%/..",
    "s3://runs/team a/100%/./x",
    "s3://runs/team a/100%/..%2fx",
    "s3://runs/team a/100%/x%2fy",
    "s3://runs/team a/100%/..\\x",
    "s3://runs/team a/100%/%5c..%5cx",
    "s3://runs/team a/100%/%00",
    "file://localhost/tmp",
    "file://127.0.0.1/tmp",
    "c:\\tmp",
]


@pytest.mark.parametrize("address", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused(address: str) -> None:
    assert DIRECT.location("artifact_location", address) == f'artifact_location "{address}" {PLAIN}; or leave it out.'
    assert DIRECT.source(address, lambda: (RUN,)) == f'source "{address}" {PLAIN}.'


@pytest.mark.parametrize(
    "address", ["runs:/abc/model", "models:/m-1", "models:/name/1", "models:/name@best", RUN, f"{RUN}/m"]
)
def test_a_model_version_comes_from_what_its_request_names(address: str) -> None:
    assert DIRECT.source(address, lambda: ("mlflow-artifacts:/4", RUN)) is None


@pytest.mark.parametrize(
    "address", ["s3://runs/team a/100%/5/def/artifacts/m", f"{RUN}x", "s3://others/m", "file:///tmp/m"]
)
def test_a_source_elsewhere_is_refused_with_what_to_write(address: str) -> None:
    assert DIRECT.source(address, lambda: (RUN,)) == (
        f'source "{address}" is not among the artifacts of the run or model that the request names. Write '
        "runs:/RUN_ID/PATH with its run_id, models:/MODEL_ID with its model_id, or a place under their artifacts; an "
        "admin may name any place, and can let everybody name this one by artifactRoot.allowedLocations."
    )


def test_without_users_all_that_is_under_the_root_is_everybodys() -> None:
    everybody = Allowed(("s3://runs/team",))

    assert everybody.source("s3://runs/team/5/def/artifacts/m", nothing) is None
    refused = everybody.source("s3://runs/other", nothing)
    assert refused is not None
    assert refused.endswith(
        "; whoever runs this server can let everybody name this one by artifactRoot.allowedLocations."
    )


def test_the_values_allow_more_places() -> None:
    more = Allowed(("mlflow-artifacts:/",), ("s3://shared/models/", "gs://", "file:///srv", "hdfs:///"), users=True)
    taken = (
        "s3://shared/models",
        "s3://shared/models/x",
        "gs://any/x",
        "file:///srv/x",
        "/srv/x",
        "hdfs:/x",
        "hdfs:///x",
    )
    refused = ("s3://shared/modelsx", "s3://shared", "/srvx", "gs:x", "hdfs://host/x")

    assert [address for address in (*taken, *refused) if not more.location("x", address)] == list(taken)
    assert [address for address in (*taken, *refused) if not more.source(address, nothing)] == list(taken)


WORDS = "s3: file: mlflow-artifacts: // / runs others team .. . %2e %2f %25 ? # \\ @ : ; é x"
PIECES = st.sampled_from([*WORDS.split(), *" \t\n\0"])


@given(st.lists(PIECES, max_size=10).map("".join))
def test_whatever_is_taken_stays_below_the_root_for_a_program_that_unescapes_and_resolves(tail: str) -> None:
    for address in (tail, f"s3://runs/team/{tail}"):
        if Allowed(("s3://runs/team",)).location("x", address) is not None:
            continue
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("s3", "runs", "", "")
        assert re.search(r"[\\\0-\x1f]", address) is None
        path = parts.path
        for _ in range(4):
            assert path == "/team" or path.startswith("/team/")
            assert not {"..", "."} & set(path.split("/"))
            path = re.sub("%2e", ".", re.sub("%2f", "/", path.replace("%25", "%")))


@given(st.text(min_size=1))
def test_what_is_escaped_whole_is_taken_as_it_is_written(name: str) -> None:
    found = place(f"s3://bucket/{quote(name, safe='')}")

    plain = not re.search(r"[/\\\0-\x1f\x7f]", name) and name not in {".", ".."} and "%" not in name
    assert (found is not None) >= plain


def test_an_old_run_has_a_path_of_the_servers_disk() -> None:
    assert PROXIED.source("/data/mlruns/0/abc/artifacts/m", lambda: ("./x", "/data/mlruns/0/abc/artifacts")) is None
    assert PROXIED.source("file:///data/mlruns/0/abc/artifacts/m", lambda: ("/data/mlruns/0/abc/artifacts",)) is None
    assert PROXIED.source("/data/mlruns/0/def/artifacts/m", lambda: ("/data/mlruns/0/abc/artifacts",)) is not None


def test_a_root_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="nowhere is not an address"):
        root("nowhere")

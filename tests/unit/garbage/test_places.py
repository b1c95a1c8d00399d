from __future__ import annotations

import pytest

from flowship.garbage.places import Folder, NoPlaceError, names_in, own_folder, real_folder

RUN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("uri", "behind", "folder"),
    [
        (f"mlflow-artifacts:/1/{RUN}/artifacts", "s3://b/team a/x", Folder("s3", "b", f"team a/x/1/{RUN}/artifacts")),
        (f"mlflow-artifacts:/1/{RUN}/artifacts", "s3://b", Folder("s3", "b", f"1/{RUN}/artifacts")),
        (f"mlflow-artifacts:/1/{RUN}/artifacts", "file:///d%20d/a", Folder("file", "", f"/d d/a/1/{RUN}/artifacts")),
        (f"s3://b/p/1/{RUN}/artifacts", "s3://other", Folder("s3", "b", f"p/1/{RUN}/artifacts")),
        (f"gs://b/1/{RUN}/artifacts", "", Folder("gs", "b", f"1/{RUN}/artifacts")),
        (f"wasbs://c@a.blob.core.windows.net/{RUN}", "", Folder("wasbs", "c@a.blob.core.windows.net", RUN)),
        (f"/old/mlruns/1/{RUN}/artifacts", "", Folder("file", "", f"/old/mlruns/1/{RUN}/artifacts")),
    ],
)
def test_a_place_is_found_behind_the_server_and_elsewhere(uri: str, behind: str, folder: Folder) -> None:
    assert own_folder(uri, RUN, behind) == folder


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("s3://b/1/another/artifacts", "which does not bear its name, so that it may be another's"),
        (f"s3://b/{RUN}/1/artifacts", "which does not bear its name"),
        (f"s3://b/1/{RUN}/other", "which does not bear its name"),
        ("s3://b", "which does not bear its name"),
        (f"s3://b/../{RUN}/artifacts", "is no plain one"),
        (f"s3://b/%2e%2e/{RUN}/artifacts", "is no plain one"),
        (f"./mlruns/{RUN}/artifacts", "is no plain one"),
        (f"ftp://b/1/{RUN}/artifacts", "from where Flowship removes nothing"),
        (f"mlflow-artifacts://other:5000/1/{RUN}/artifacts", "behind the server other:5000, which may be another one"),
        (f"http://other/api/2.0/mlflow-artifacts/artifacts/{RUN}/artifacts", "from where Flowship removes nothing"),
    ],
)
def test_what_may_be_anothers_is_left(uri: str, why: str) -> None:
    with pytest.raises(NoPlaceError, match=why):
        own_folder(uri, RUN, "s3://root")


def test_a_folder_in_which_an_experiment_keeps_artifacts_is_left() -> None:
    taken = names_in([f"s3://b/1/{RUN}/artifacts/inner"])

    with pytest.raises(NoPlaceError, match="an experiment keeps its artifacts inside of"):
        own_folder(f"s3://b/1/{RUN}/artifacts", RUN, "", taken)


def test_folders_know_their_neighbours() -> None:
    folder = real_folder("mlflow-artifacts:/1", "file:///data")

    assert (folder.uri, folder.name, folder.above.path) == ("file:///data/1", "1", "/data")
    assert folder.below("traces").path == "/data/1/traces"

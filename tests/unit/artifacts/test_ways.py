"""What clients will do with artifacts, as `check --live` says it."""

from __future__ import annotations

import pytest

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.ways import ways

PROXIED = ArtifactLocation("s3://b/a", proxied=True, key="artifactRoot.s3")
OWN = {"MLFLOW_S3_ENDPOINT_URL": "http://s3.example:9"}


@pytest.mark.parametrize(
    ("direct", "sentence"),
    [
        ("none", "artifacts: clients send and fetch all files through the server"),
        (
            "downloads",
            "artifacts: clients send files through the server, and fetch them from http://s3.example:9 by addresses "
            "that it signs",
        ),
        (
            "uploads",
            "artifacts: clients send files of 500 MB and more to http://s3.example:9 by addresses that the server "
            "signs, and all others, both ways, through the server",
        ),
        (
            "both",
            "artifacts: clients send files of 500 MB and more to http://s3.example:9, and fetch all files from there, "
            "by addresses that the server signs",
        ),
        (
            "only",
            "artifacts: clients send all files to http://s3.example:9, and fetch them from there, by addresses that "
            "the server signs; clients before MLflow 3.18 can send none below 500 MB",
        ),
    ],
)
def test_the_way_through_the_server_is_told_with_what_is_offered_past_it(direct: str, sentence: str) -> None:
    assert ways(PROXIED, direct, OWN) == sentence  # type: ignore[arg-type]


def test_a_store_without_an_address_of_its_own_is_named_by_its_root() -> None:
    direct = ArtifactLocation("s3://b/a", proxied=False, key="artifactRoot.s3")

    assert ways(direct, "none", {}) == (
        "artifacts: clients send files to s3://b/a and fetch them there, with credentials of their own"
    )

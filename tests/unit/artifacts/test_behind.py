from __future__ import annotations

import pytest

from flowship.artifacts.behind import OtherServerError, in_store, path_behind


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("mlflow-artifacts:/churn/1/", "churn/1"),
        ("mlflow-artifacts:/", ""),
        ("mlflow-artifacts:", ""),
        ("mlflow-artifacts:///churn", "churn"),
        ("mlflow-artifacts-not:/churn", None),
        ("s3://bucket/churn", None),
    ],
)
def test_the_path_behind_the_server_is_found(address: str, path: str | None) -> None:
    assert path_behind(address) == path
    assert in_store(address, "s3://root/") == (address if path is None else f"s3://root/{path}".rstrip("/"))


def test_another_server_is_not_taken_for_this_one() -> None:
    with pytest.raises(OtherServerError, match=r"^other:5000$"):
        in_store("mlflow-artifacts://other:5000/churn", "s3://root")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.errors import MoveError
from flowship.moving.artifacts.route import route
from flowship.values.model.root import Values

if TYPE_CHECKING:
    from pathlib import Path

POSTGRES = {"backendStore": {"postgres": {"enabled": True, "host": "db", "database": "d", "user": "u"}}}


def values(**root: object) -> Values:
    return Values.model_validate({**POSTGRES, **root})


def test_artifacts_stay_where_both_sides_keep_them(tmp_path: Path) -> None:
    place = (tmp_path / "artifacts").as_uri()
    assert route(None, (values(), tmp_path), place).stay
    assert route(None, (values(), tmp_path), None).stay
    assert not route(None, (values(), tmp_path / "other"), place).stay


def test_addresses_lead_to_the_new_place_or_behind_the_server(tmp_path: Path) -> None:
    s3 = {"s3": {"enabled": True, "bucket": "b"}}
    hidden = values(artifactRoot={**s3, "proxiedArtifactStorage": True})
    direct = values(artifactRoot={**s3, "proxiedArtifactStorage": False})
    old = (values(), tmp_path)
    assert route(old, (hidden, tmp_path), None).addresses.new == "mlflow-artifacts:"
    assert route(old, (direct, tmp_path), None).addresses.new == "s3://b"
    with pytest.raises(MoveError, match="keeps artifacts at two places, s3://b and, of older experiments, s3://older;"):
        route((direct, tmp_path), old, "s3://older")

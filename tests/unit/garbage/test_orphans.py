from __future__ import annotations

import pytest

from flowship.garbage.orphans import known_unit

RUN, MODEL = "0123456789abcdef0123456789abcdef", "m-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        (f"1/{RUN}/artifacts/model/MLmodel", ("run", RUN, f"1/{RUN}/artifacts")),
        (f"1/models/{MODEL}/artifacts/MLmodel", ("model", MODEL, f"1/models/{MODEL}/artifacts")),
        ("1/traces/tr-1/artifacts/traces.json", ("trace", "tr-1", "1/traces/tr-1/artifacts")),
        (f"workspaces/a/1/{RUN}/artifacts/x", ("run", RUN, f"workspaces/a/1/{RUN}/artifacts")),
        (f"team/a/{RUN}/artifacts/x", ("run", RUN, f"team/a/{RUN}/artifacts")),
        (f"team/b/{RUN}/artifacts/x", None),
        (f"other-mlflow/1/{RUN}/artifacts/x", None),
        (f"1/{RUN}/x", None),
        (f"1/{RUN}/artifacts", None),
        (f"{RUN}/artifacts/x", None),
        (f"1/{RUN[:-1]}/artifacts/x", None),
        ("flowship-backups/2026-01-31T03-17-00Z/tracking.sql", None),
        ("1/data.csv", None),
    ],
)
def test_only_what_mlflow_has_laid_is_known(path: str, unit: tuple[str, str, str] | None) -> None:
    assert known_unit(path, ["team/a"]) == unit

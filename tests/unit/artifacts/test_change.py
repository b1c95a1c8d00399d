from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import NullPool, create_engine, text

from flowship.artifacts.change import DESTINATION, Experiments, Roots, experiments, remember, roots
from flowship.artifacts.location import ArtifactLocation
from flowship.database.own_tables import settings_table
from flowship.errors import ArtifactStoreError

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "file:///data/artifacts"
NONE, ONE, TWO, THREE = (Experiments(number, number) for number in range(4))
S3_DIRECT = ArtifactLocation("s3://runs/team", False, "artifactRoot.s3")
S3_PROXIED = ArtifactLocation("s3://runs/team", True, "artifactRoot.s3")


def test_a_new_database_gets_what_the_values_say() -> None:
    assert roots(S3_PROXIED, None, NONE) == Roots("s3://runs/team", None)
    assert roots(S3_DIRECT, None, NONE) == Roots(None, "s3://runs/team")


def test_the_same_place_goes_on() -> None:
    assert roots(S3_PROXIED, "s3://runs/team/", THREE) == Roots("s3://runs/team/", None)


def test_a_change_is_free_while_nothing_is_behind_the_server() -> None:
    assert roots(S3_PROXIED, LOCAL, NONE) == Roots("s3://runs/team", None)
    assert roots(S3_DIRECT, LOCAL, NONE) == Roots(None, "s3://runs/team")


def test_in_a_database_of_the_old_chart_the_values_are_believed() -> None:
    assert roots(S3_PROXIED, None, THREE) == Roots("s3://runs/team", None)
    assert roots(S3_DIRECT, None, THREE) == Roots("s3://runs/team", "s3://runs/team")


@pytest.mark.parametrize("kept", [None, "s3://runs//team"])
def test_a_slash_that_begins_the_path_stays_in_the_names_that_the_old_chart_gave(kept: str | None) -> None:
    location = ArtifactLocation("s3://runs/team", True, "artifactRoot.s3", old_uri="s3://runs//team")

    assert roots(location, kept, THREE) == Roots("s3://runs//team", None)
    assert roots(location, None, NONE) == Roots("s3://runs/team", None)


def test_old_experiments_stay_behind_the_server_when_new_ones_are_direct() -> None:
    found = roots(S3_DIRECT, LOCAL, TWO)

    assert (found.behind, found.direct) == (LOCAL, "s3://runs/team")
    assert found.notice == (
        "Each of 2 experiments keeps its artifacts behind the server, at file:///data/artifacts, and stays there, as "
        "do its new runs. New experiments keep theirs at s3://runs/team."
    )


def test_the_same_store_without_the_server_keeps_both_ways() -> None:
    assert roots(S3_DIRECT, "s3://runs/team", TWO) == Roots("s3://runs/team", "s3://runs/team")


def test_another_place_behind_the_server_is_refused() -> None:
    with pytest.raises(ArtifactStoreError) as raised:
        roots(S3_PROXIED, LOCAL, ONE)

    assert str(raised.value) == (
        "1 experiment keeps its artifacts behind the server, at file:///data/artifacts. At s3://runs/team, which the "
        "values name now, they would not be found. Write artifactRoot as it was; or copy everything that is there to "
        "the new place, and then write artifactRoot.movedFrom: file:///data/artifacts"
    )


def test_a_place_that_the_user_has_copied_may_change() -> None:
    assert roots(S3_PROXIED, LOCAL, ONE, moved_from=f"{LOCAL}/") == Roots("s3://runs/team", None)


def test_another_place_than_the_copied_one_is_still_refused() -> None:
    with pytest.raises(ArtifactStoreError, match=r"artifactRoot\.movedFrom: file:///data/artifacts"):
        roots(S3_PROXIED, LOCAL, ONE, moved_from="file:///elsewhere")


def test_an_experiment_without_anything_in_it_moves_to_the_new_place() -> None:
    unused = Experiments(behind=1, used=0)

    assert roots(S3_PROXIED, LOCAL, unused) == Roots("s3://runs/team", None)
    assert roots(S3_DIRECT, LOCAL, unused) == Roots("s3://runs/team", "s3://runs/team")


def test_a_data_directory_that_was_moved_as_a_whole_is_found(tmp_path: Path) -> None:
    before, now = tmp_path / "before" / "artifacts", tmp_path / "nów #" / "artifacts"
    (before / "1").mkdir(parents=True)
    location = ArtifactLocation(now.as_uri(), True)

    with pytest.raises(ArtifactStoreError):
        roots(location, before.as_uri(), ONE)
    before.parent.rename(now.parent)

    assert roots(location, before.as_uri(), ONE) == Roots(now.as_uri(), None)


def test_experiments_behind_the_server_are_counted(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/mlflow.db", poolclass=NullPool)
    assert experiments(engine) == Experiments()

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE experiments (experiment_id int, artifact_location text)"))
        for number, root in enumerate(["mlflow-artifacts:/0", "s3://runs/1", "mlflow-artifacts:/2"]):
            connection.execute(
                text("INSERT INTO experiments VALUES (:number, :root)"), {"number": number, "root": root}
            )
    assert experiments(engine) == Experiments(behind=2, used=0)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (experiment_id int)"))
        connection.execute(text("INSERT INTO runs VALUES (1), (2), (2)"))
    assert experiments(engine) == Experiments(behind=2, used=1)


def test_the_place_is_kept_and_a_change_is_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/mlflow.db", poolclass=NullPool)
    said: list[str] = []

    remember(engine, None, Roots(LOCAL, None), said.append)
    remember(engine, LOCAL, Roots(LOCAL, "s3://new", "told"), said.append)

    assert settings_table.get(engine, DESTINATION) == LOCAL
    assert said == ["told"]

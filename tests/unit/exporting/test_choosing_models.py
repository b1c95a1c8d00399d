from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.exporting.choosing_models import Around, Chosen, Version, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.exporting.choosing_models import Model

FORECAST, GREETING = ("default", "forecast"), ("default", "greeting")
NAMES = {1: "churn", 2: "other"}


def version(number: int, *homes: int, model: Model = FORECAST, address: str = "mlflow-artifacts:/1/x") -> Version:
    return Version(model, number, address, frozenset(homes))


def chosen(
    *versions: Version,
    exported: Sequence[int] = (1,),
    prompts: Sequence[Model] = (),
) -> Chosen:
    around = Around(1, "mlflow-artifacts:/1", exported, NAMES)
    return choose(around, versions, prompts)


def test_a_model_goes_with_the_experiment_that_a_version_was_made_in() -> None:
    found = chosen(version(1, 1), version(2, 2, model=("default", "another")))

    assert found == Chosen(frozenset({FORECAST}), frozenset({(FORECAST, 1)}))


def test_a_version_of_an_experiment_that_stays_is_told_by_name() -> None:
    found = chosen(version(1, 1), version(2, 2), version(4, 2))

    assert found.versions == {(FORECAST, 1)}
    assert found.left_out == (
        'versions 2, 4 of registered model "forecast", made in experiment 2, other, with their aliases',
    )


def test_a_version_of_an_experiment_that_is_exported_too_goes_with_that_one() -> None:
    found = chosen(version(1, 1), version(2, 2), exported=(1, 2))

    assert found.versions == {(FORECAST, 1)}
    assert not found.left_out


def test_a_version_whose_run_and_model_are_of_two_experiments_stays() -> None:
    found = chosen(version(1, 1), version(2, 1, 2), exported=(1, 2))

    assert found.versions == {(FORECAST, 1)}
    assert found.left_out == (
        'version 2 of registered model "forecast", whose run and model are of experiment 1, churn and experiment 2,'
        " other, with their aliases",
    )


def test_versions_that_were_deleted_keep_their_numbers() -> None:
    found = chosen(version(1, 1), version(2, address=""))

    assert found.versions == {(FORECAST, 1), (FORECAST, 2)}
    assert not found.left_out


def test_files_elsewhere_are_told() -> None:
    found = chosen(version(1, 1, address="s3://bucket/model"), version(2, 1, address="models:/forecast/1"))

    assert len(found.versions) == 2
    assert found.left_out == (
        'the files of version 1 of registered model "forecast", which are not below mlflow-artifacts:/1',
    )


def test_files_that_are_named_by_the_run_are_those_of_the_run() -> None:
    assert not chosen(version(1, 1, address=f"runs:/{'1' * 32}/model")).left_out


def test_a_prompt_goes_whole() -> None:
    found = chosen(
        *(version(number, model=GREETING, address="prompt-template") for number in (1, 2)), prompts=[GREETING]
    )

    assert found.versions == {(GREETING, 1), (GREETING, 2)}
    assert not found.left_out

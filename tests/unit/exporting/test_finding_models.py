from __future__ import annotations

from flowship.exporting.finding_models import experiments_named, linked_names, of_other_workspaces


def test_the_tag_of_a_prompt_names_experiments() -> None:
    assert [experiments_named(value) for value in (",1,7,", "1", "", None, ",x,")] == [[1, 7], [1], [], [], []]


def test_the_tag_of_what_uses_prompts_names_them() -> None:
    said = '[{"name": "greeting", "version": "1"}, {"version": "2"}, "odd"]'

    assert [linked_names(value) for value in (said, "{}", "not JSON", None)] == [{"greeting"}, set(), set(), set()]


def test_models_of_another_workspace_are_told_and_stay() -> None:
    prompt, model = ("team-b", "greeting"), ("team-b", "forecast")

    assert list(of_other_workspaces({prompt, model}, [prompt])) == [
        'registered model "forecast" of the workspace team-b, which is another one than the experiment\'s',
        'prompt "greeting" of the workspace team-b, which is another one than the experiment\'s',
    ]

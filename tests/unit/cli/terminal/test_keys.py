"""What a shell completes after `--set`."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from flowship.cli.app import CHAPTERS, flowship
from flowship.cli.terminal.command import Chapters


def completed(*words: str, begun: str) -> list[str]:
    found = ShellComplete(flowship, {}, "flowship", "_FLOWSHIP_COMPLETE").get_completions(list(words), begun)
    return [item.value for item in found]


def test_a_section_ends_with_a_dot_and_a_key_with_an_equals_sign() -> None:
    assert completed("check", "--set", begun="auth.p") == ["auth.postgres."]
    assert completed("check", "--set", begun="replica") == ["replicaCount="]
    assert "auth.postgres.host=" in completed("up", "--set-string", begun="auth.postgres.")


def test_the_choices_of_a_key_are_known() -> None:
    assert completed("check", "--set", begun="auth.enabled=") == ["auth.enabled=true", "auth.enabled=false"]
    assert completed("check", "--set", begun="service.type=No") == ["service.type=NodePort"]


def test_after_a_comma_the_next_key_begins() -> None:
    assert completed("check", "--set", begun="replicaCount=1,servic") == [
        "replicaCount=1,service.",
        "replicaCount=1,serviceMonitor.",
        "replicaCount=1,serviceAccount.",
    ]


@pytest.mark.parametrize("begun", ["nowhere.", "nowhere=", "auth.nowhere=", ""])
def test_what_is_not_there_is_not_completed(begun: str) -> None:
    found = completed("check", "--set", begun=begun)

    assert bool(found) == (begun == "")


def test_commands_are_completed_without_being_loaded() -> None:
    group = Chapters("flowship", chapters=CHAPTERS)
    found = ShellComplete(group, {}, "flowship", "_FLOWSHIP_COMPLETE").get_completions([], "sta")

    assert [item.value for item in found] == ["status"]
    assert group.commands == {}


def test_what_is_below_a_command_is_completed() -> None:
    assert completed("users", begun="se") == ["set-password"]

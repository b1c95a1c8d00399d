"""What is said to whoever has called a command wrongly."""

from __future__ import annotations

import pytest

from tests.unit.cli.running import run


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("chek", "`flowship` has no command 'chek'. Did you mean check?"),
        ("users lits", "`flowship users` has no command 'lits'. Did you mean list?"),
        ("xyz", "`flowship` has no command 'xyz'."),
        ("up --prot 1", "`flowship up` has no option --prot. Did you mean --port?"),
        ("up --port abc", "--port: must be a whole number, from 1 to 65535, not 'abc'."),
        ("up --port 65536", "--port: must be a whole number, from 1 to 65535, not '65536'."),
        ("up --timeout -1", "--timeout: must be a number of seconds, 0 or more, not '-1'."),
        ("up --timeout nan", "--timeout: must be a number of seconds, 0 or more, not 'nan'."),
        ("up --port", "--port: needs a value after it."),
        ("check --live=yes", "--live: takes no value. Write --live alone."),
        ("backup --keep 0", "--keep: must be a whole number, 1 or more, not '0'."),
        ("gc --output jsno", "--output: must be text or json, not 'jsno'. Did you mean json?"),
        ("move", "`flowship move` needs --to FILE. Values file of the new side; may be repeated."),
        ("tokens make", "`flowship tokens make` needs USER."),
        ("completion", "`flowship completion` needs {bash|zsh|fish}."),
        ("restore one two", "`flowship restore` takes no 'two' at that place."),
        ("gc --yes", "--yes is for --orphans; nothing else is asked."),
    ],
)
def test_it_is_said_what_was_found_and_what_to_write(line: str, sentence: str) -> None:
    words = line.split()

    result = run(*words)

    command = f"flowship {' '.join(words[: 1 + (words[0] in ('users', 'tokens'))])}"
    advice = next(line for line in result.stderr.splitlines() if line.startswith("  `"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"✗ {sentence}"
    assert advice.removeprefix("  `").split(" --help`")[0] in (command, command.rpartition(" ")[0])


def test_a_group_alone_shows_what_it_has() -> None:
    result = run("users")

    assert result.exit_code == 2
    assert "set-password  Give a user another password." in result.stderr

"""What the Job is asked for, by Secret."""

from __future__ import annotations

import click
import pytest

from flowship.cli.pod.make_passwords import in_secrets
from flowship.kubernetes.passwords import Wanted


def test_each_secret_is_asked_once_for_all_its_keys() -> None:
    assert in_secrets(["db/admin", "db-user/password", "db/password"], "demo") == [
        Wanted("db", ("admin", "password"), "demo"),
        Wanted("db-user", ("password",), "demo"),
    ]


@pytest.mark.parametrize("password", ["db", "db/", "/password", ""])
def test_what_names_no_key_of_a_secret_is_refused(password: str) -> None:
    with pytest.raises(click.BadParameter, match="is not SECRET/KEY"):
        in_secrets([password], "demo")

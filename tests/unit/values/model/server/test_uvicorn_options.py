from __future__ import annotations

import re
from typing import Any

import pytest

from flowship.values.model.server.uvicorn_options import GRAMMAR, read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("--log-level debug --timeout-keep-alive=5", {"log_level": "debug", "timeout_keep_alive": 5}),
        (" --no-server-header\n--date-header", {"server_header": False, "date_header": True}),
        ("--loop asyncio --loop=uvloop", {"loop": "uvloop"}),
        (
            "--header 'X-Team: a=b c' --header=X-Other:d",
            {"headers": [("X-Team", "a=b c"), ("X-Other", "d")]},
        ),
    ],
)
def test_options_of_uvicorn_are_read_as_its_command_line_reads_them(text: str, found: dict[str, Any]) -> None:
    assert re.search(GRAMMAR.replace(r"\z", r"\Z"), text)
    assert read(text) == found

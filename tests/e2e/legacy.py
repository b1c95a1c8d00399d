"""Fills a server, or not, and prints everything that it knows: run in a pod of either client.

    legacy.py fill|read ADDRESS

The passwords by user are in `users.json` beside the programs. What the client says itself comes before the last line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.integration.legacy.reading import ADMIN, as_user, read_everything

what, address = sys.argv[1:]
users = json.loads(Path("tests/integration/legacy/users.json").read_text())
if what == "fill":
    from tests.integration.legacy.fill import fill

    with as_user(ADMIN, users[ADMIN]):
        fill(address, users)
sys.stdout.write("\n" + json.dumps(read_everything(address, users)))

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.users import attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.flowship import Running


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server where nobody may do anything without a permission. Modules share it: each makes users of its own, with
    names that no other one has."""
    with attacked(tmp_path_factory.mktemp("closed") / "data", defaultPermission="NO_PERMISSIONS") as server:
        yield server

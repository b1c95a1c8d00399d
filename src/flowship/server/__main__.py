"""The server's process when it is a new one, `python -P -m flowship.server`: its environment tells it everything."""

from __future__ import annotations

import os
import sys

from flowship.errors import ServerError
from flowship.server import this_process
from flowship.server.plan.settings import VARIABLE, ProcessSettings

if __name__ == "__main__":
    try:
        with this_process.ready_for_mlflow(ProcessSettings.model_validate_json(os.environ.pop(VARIABLE))) as server:
            server.serve({})
    except ServerError as error:
        sys.exit(f"✗ {error}")

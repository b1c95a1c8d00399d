"""How this server is, for the inner port and for admins: what it keeps its data in, and its own processes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowship.database.part import Part
from flowship.mlflow_seams.server.app import Env
from flowship.mlflow_seams.server.jobs import jobs_wanted
from flowship.status.looking import directory_of, look
from flowship.status.report import ServerReport

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flowship.database.database import Database
    from flowship.server.plan.settings import ProcessSettings
    from flowship.server.reporting.state import SharedState
    from flowship.status.report import Status


@dataclass(frozen=True)
class OwnStatus:
    """Makes the status of the server that this process is of."""

    settings: ProcessSettings
    state: SharedState
    since: datetime

    def look(self) -> Status:
        """Look at everything now, which takes some seconds at most where something hangs."""
        return look(self.databases(), self._artifacts(), self.settings.sign_in.method, self._server())

    def directories(self) -> list[Path]:
        """Give the directories in which the server keeps databases and artifacts, where these are files."""
        artifacts = directory_of(self._artifacts()[0])
        files = [database.file.parent for database in self.settings.databases if database.is_file]
        return [*files, artifacts] if artifacts else files

    def _artifacts(self) -> tuple[str, bool]:
        """Give the address of artifacts, and whether clients reach it through the server only."""
        behind = os.environ.get(Env.ARTIFACTS_DESTINATION)
        return behind or os.environ.get(Env.ARTIFACT_ROOT, ""), bool(behind)

    def databases(self) -> list[Database]:
        """Give each part's database, of which the settings name one that both share only once."""
        found = list(self.settings.databases)
        if self.settings.sign_in.in_mlflows_app and len(found) == 1:
            found.append(replace(found[0], part=Part.AUTH))
        return found

    def _server(self) -> ServerReport:
        serving = self.state.serving
        wrong = None
        if self.state.draining:
            wrong = "The server was asked to stop."
        elif not serving:
            wrong = "No worker serves. The log says why."
        elif self.state.full:
            wrong = "No worker can take another connection. The log says why."
        return ServerReport(
            since=self.since, workers=self.settings.workers, serving=serving, jobs=jobs_wanted(), wrong=wrong
        )

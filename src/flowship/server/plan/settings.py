"""What the server's process is told, besides MLflow's own variables: it crosses the start as JSON in one variable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import make_url

from flowship.auth.methods.chosen import AnySignIn
from flowship.auth.methods.none import NoSignIn
from flowship.auth.sessions.limits import SessionSettings
from flowship.auth.workloads.settings import WorkloadSettings
from flowship.database.database import Database
from flowship.database.part import Part

VARIABLE = "FLOWSHIP_SERVER"

MEBIBYTE = 1 << 20

WORKERS = 4
"""As many as `mlflow server` has."""

KEEP_ALIVE = 95
"""Seconds for which an idle connection is kept. Proxies keep theirs for 60 (nginx, AWS) to 90 (Traefik) seconds; the
side that closes first must not be ours, or a request meets a closing connection."""


class _AsJson:
    """Lets a database cross the start, password included."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(self._written)
        return core_schema.no_info_plain_validator_function(self._read, serialization=written)

    @staticmethod
    def _written(database: Database) -> dict[str, str]:
        url = database.url.render_as_string(hide_password=False)
        return {"part": database.part, "url": url, "key": database.key}

    @staticmethod
    def _read(found: Database | dict[str, str]) -> Database:
        if isinstance(found, Database):
            return found
        return Database(Part(found["part"]), make_url(found["url"]), found["key"])


class ProcessSettings(BaseModel):
    """How the server's process listens, forks, stops and logs. Seconds where a time is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int
    inner_port: int | None = None
    """Port of health, readiness and metrics; None for no such port."""
    static_prefix: str = ""
    workers: int = WORKERS
    max_requests: int = 0
    """Requests after which a worker is replaced; 0 for never."""
    max_body: int = 0
    """Bytes of the largest body besides artifacts; 0 for no limit."""
    hot_api: bool = False
    """Whether hot routes are answered in front of MLflow."""
    domain_metrics: bool = False
    """Whether the inner port's process counts what is in the databases."""
    drain_delay: float = 0.0
    shutdown_timeout: float = 60.0
    log_format: Literal["plain", "json"] = "plain"
    audit_log: bool = False
    """Whether the log tells who logs in, deletes, and changes who may do what."""
    sign_in: AnySignIn = NoSignIn()
    sessions: SessionSettings | None = None
    """How long those stay signed in who do so with a browser; None where there is no login page."""
    tokens: bool = False
    """Whether tokens of users are taken."""
    workloads: tuple[WorkloadSettings, ...] = ()
    """Trusted issuers whose tokens name users."""
    direct_uploads: bool = False
    """Whether clients are told that they may send large files to the object store themselves."""
    direct_downloads: bool = False
    """Whether they are told that they may fetch files there."""
    direct_only: bool = False
    """Whether they must, since the server carries no file."""
    trusted_proxies: tuple[str, ...] = ()
    allowed_locations: tuple[str, ...] = ()
    """Places besides the artifact root that clients may name."""
    origins: tuple[str, ...] | None = ()
    """Origins, besides localhost, whose pages may write; None for all."""
    assistant: bool = False
    """Whether admins may use MLflow's assistant."""
    log_level: str = "info"
    databases: tuple[Annotated[Database, _AsJson()], ...] = Field((), repr=False)
    """The tracking database, and that of users where it is another one."""
    uvicorn: dict[str, Any] = Field(default_factory=dict)
    """Arguments of `uvicorn.Config`."""
    certificate: Path | None = None
    key: Path | None = None
    trace_archival: Path | None = None

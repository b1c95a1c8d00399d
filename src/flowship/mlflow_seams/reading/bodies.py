"""The bodies that MLflow reads: which of them it streams, and one that it unpacks."""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Scope

UPLOADS = ("/api/2.0/mlflow-artifacts/artifacts/", "/ajax-api/2.0/mlflow-artifacts/artifacts/")
"""What the paths begin with to which artifacts are uploaded with PUT; without the static prefix too."""

CHUNK = 1024 * 1024
"""Bytes that are unpacked at once to count them."""

FORMATS = {"gzip": (zlib.MAX_WBITS | 16,), "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
"""How OpenTelemetry's clients pack traces, each with the formats that MLflow tries for it."""


def is_upload(scope: Scope, static_prefix: str) -> bool:
    """Tell whether the body is an artifact."""
    path: str = scope["path"]
    return scope["method"] == "PUT" and path.startswith((*UPLOADS, *(f"{static_prefix}{begin}" for begin in UPLOADS)))


def limit_unpacked_traces(limit: int) -> None:
    """Refuse packed traces that are larger than so many bytes once unpacked, of which MLflow knows no limit."""
    from fastapi import HTTPException

    otel: Any = importlib.import_module("mlflow.server.otel_api")
    unpack = otel.decompress_otlp_body

    def unpack_some(body: bytes, encoding: str) -> bytes:
        if any(_exceeds(body, wbits, limit) for wbits in FORMATS.get(encoding, ())):
            raise HTTPException(413, f"The traces are larger than {limit} bytes once unpacked. Send fewer at once.")
        unpacked: bytes = unpack(body, encoding)
        return unpacked

    otel.decompress_otlp_body = unpack_some


def _exceeds(body: bytes, wbits: int, limit: int) -> bool:
    """Tell whether the data unpacks to more bytes; False when it cannot be unpacked, which is for MLflow to say."""
    while body:
        unpacker = zlib.decompressobj(wbits)
        while body and not unpacker.eof:
            try:
                limit -= len(unpacker.decompress(body, max_length=CHUNK))
            except zlib.error:
                return False
            if limit < 0:
                return True
            body = unpacker.unconsumed_tail
        body = unpacker.unused_data if unpacker.eof else b""
    return False

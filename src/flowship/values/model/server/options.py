"""What the options of `mlflow server` under `extraArgs` must look like: they have no fields of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.fields.shape import Shape, Without
from flowship.values.model.server import uvicorn_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.server.process import ServerOption

_SEGMENT = r"(\.{0,2}[A-Za-z0-9_~-][A-Za-z0-9._~-]*|\.{3}[A-Za-z0-9._~-]*)"
"""A segment of a path that is neither `.` nor `..`."""

OPTION_SHAPES: Mapping[ServerOption, tuple[Shape | Without, ...]] = {
    "staticPrefix": (
        Shape(
            rf"^(/{_SEGMENT})+\z",
            "must begin with `/`, not end with it, and hold only letters, digits, `.`, `_`, `~`, `-` and `/`, such as "
            "`/mlflow`.",
        ),
        Without(
            r"^/(static|health|favicon\.ico)",
            "begins like a path that MLflow answers without a password, which would open every page. Write another "
            "one, such as `/mlflow`.",
        ),
    ),
    "workers": (Shape(r"^[1-9][0-9]{0,3}\z", "must be a whole number from 1 to 9999."),),
    "secretsCacheTtl": (
        Shape(r"^([1-9][0-9]|[12][0-9][0-9]|300)\z", "must be a whole number of seconds from 10 to 300."),
    ),
    "secretsCacheMaxSize": (Shape(r"^([1-9][0-9]{0,3}|10000)\z", "must be a whole number from 1 to 10000."),),
    "xFrameOptions": (Shape(r"^(?i:SAMEORIGIN|DENY|NONE)\z", "must be SAMEORIGIN, DENY or NONE."),),
    "traceArchivalConfig": (Shape(r"^/[^\n]*\z", "is not an absolute path. Write one that begins with `/`."),),
    "uvicornOpts": (
        Without(
            uvicorn_options.naming(uvicorn_options.TRUST),
            "whose X-Forwarded-For and X-Forwarded-Proto are believed is decided by another key. Remove "
            "--forwarded-allow-ips and --proxy-headers, and write trustedProxies.",
        ),
        Without(
            uvicorn_options.naming(uvicorn_options.PARSER),
            "what parses requests is decided by Flowship, whose limits of headers and time are in it. Remove --http "
            "and --h11-max-incomplete-event-size.",
        ),
        Shape(
            uvicorn_options.GRAMMAR,
            "holds something else than options of uvicorn that Flowship hands over, with their values: "
            f"{', '.join(f'--{name}' for name in uvicorn_options.OPTIONS)}. Remove it; stopping, renewing workers and "
            "the log are keys of server.",
        ),
    ),
}

from __future__ import annotations

import json

import pytest

from flowship.mlflow_seams.reading.bodies import is_upload
from tests.unit.in_mlflow import in_mlflow

ARTIFACT = "2.0/mlflow-artifacts/artifacts/1/run/model.bin"


@pytest.mark.parametrize("path", [f"/api/{ARTIFACT}", f"/ajax-api/{ARTIFACT}", f"/team/api/{ARTIFACT}"])
def test_an_artifact_is_uploaded_with_put(path: str) -> None:
    assert is_upload({"method": "PUT", "path": path}, "/team")
    assert not is_upload({"method": "POST", "path": path}, "/team")


@pytest.mark.parametrize(
    "path", [f"/other/api/{ARTIFACT}", "/api/2.0/mlflow-artifacts/mpu/create/1", "/api/2.0/mlflow"]
)
def test_nothing_else_is_an_artifact(path: str) -> None:
    assert not is_upload({"method": "PUT", "path": path}, "/team")


def test_mlflow_takes_artifacts_there() -> None:
    routes = in_mlflow(
        "from mlflow.server.artifact_router import artifact_router;"
        " from flowship.mlflow_seams.reading.bodies import UPLOADS;"
        "paths = [route.path for route in artifact_router.routes if 'PUT' in route.methods];"
        "print(sorted(paths) == sorted(f'{begin}{{artifact_path:path}}' for begin in UPLOADS))"
    )

    assert routes == "True"


def test_packed_traces_are_unpacked_as_before_up_to_a_limit() -> None:
    program = """
import gzip, json, zlib
from flowship.mlflow_seams.reading.bodies import limit_unpacked_traces
from mlflow.server import otel_api
before = otel_api.decompress_otlp_body
limit_unpacked_traces(10_000)
after = otel_api.decompress_otlp_body

def raw(body):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()

def said(body, encoding):
    try:
        return after(body, encoding).decode() == before(body, encoding).decode()
    except Exception as error:
        return [error.status_code, error.detail]

small, large = b"a" * 10_000, b"a" * 10_000_000
print(json.dumps([
    [said(pack(small), name) for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw))],
    [said(pack(large), name) for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw))],
    said(gzip.compress(small[:5_000]) * 2, "gzip"),
    said(gzip.compress(small) * 2, "gzip"),
    said(b"no archive", "gzip"),
    said(b"", "gzip"),
    said(b"a", "br"),
]))
"""
    small, large, two, too_many, broken, empty, other = json.loads(in_mlflow(program))

    refused = [413, "The traces are larger than 10000 bytes once unpacked. Send fewer at once."]
    assert small == [True] * 3
    assert large == [refused] * 3
    assert (two, too_many) == (True, refused)
    assert broken == [400, "Failed to decompress gzip payload"]
    assert empty is True
    assert other == [400, "Unsupported Content-Encoding: br"]

"""A server of the S3 protocol: versitygw, which keeps buckets as directories. AWS S3 itself cannot run in a test."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from tests.integration.servers.process import TOOLS, Server, find_program

if TYPE_CHECKING:
    from collections.abc import Mapping


class S3Server(Server):
    """An S3 server with one key pair, both of its own."""

    name = "s3"
    region = "us-east-1"

    def __init__(self) -> None:
        super().__init__()
        self.access_key = f"AK{secrets.token_hex(8)}"
        # Base64, as AWS makes them: with characters that a URL must escape.
        self.secret_key = f"{secrets.token_hex(8)}/+{secrets.token_hex(8)}="

    @property
    def endpoint_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def client_environment(self) -> dict[str, str]:
        """What MLflow's S3 client needs in its environment to reach this server."""
        return {
            "MLFLOW_S3_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }

    def prepare(self) -> None:
        for name in ("buckets", "attributes"):
            (self.directory / name).mkdir()

    def command(self) -> list[str]:
        address = ("--port", f"{self.host}:{self.port}", "--region", self.region)
        # Attributes in files: a temporary directory in memory may lack the extended attributes that are the default.
        store = ("posix", "--sidecar", str(self.directory / "attributes"), str(self.directory / "buckets"))
        return [find_program("versitygw", TOOLS), "--quiet", *address, *store]

    def environment(self) -> Mapping[str, str]:
        return {"ROOT_ACCESS_KEY_ID": self.access_key, "ROOT_SECRET_ACCESS_KEY": self.secret_key}

    def ask(self) -> None:
        client = self.client()
        try:
            client.list_buckets()
        finally:
            client.close()

    def client(self) -> Any:
        """The real client, boto3's."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def create_bucket(self, name: str) -> None:
        self.client().create_bucket(Bucket=name)

    def object_names(self, bucket: str) -> list[str]:
        """The keys of all objects of the bucket, sorted."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))

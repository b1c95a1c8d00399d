"""Makes the bucket `artifacts`: run in the client's pod with the keys and the address of the S3 server."""

from __future__ import annotations

import os

import boto3
from botocore.config import Config

# A Service reaches its pod a moment after the pod is ready.
patient = Config(region_name="us-east-1", retries={"mode": "standard", "max_attempts": 8})
client = boto3.client("s3", endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"], config=patient)
client.create_bucket(Bucket="artifacts")

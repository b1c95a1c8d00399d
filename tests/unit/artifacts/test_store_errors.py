from __future__ import annotations

import pytest

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.store_errors import SAID, explained, silence

S3 = ArtifactLocation("s3://runs/team", False, "artifactRoot.s3")
GCS = ArtifactLocation("gs://runs", False, "artifactRoot.gcs")
AZURE = ArtifactLocation("wasbs://runs@acct.blob.core.windows.net", False, "artifactRoot.azureBlob")
LOCAL = ArtifactLocation("file:///data/artifacts", True)


@pytest.mark.parametrize(
    ("location", "said", "advice"),
    [
        (S3, "An error occurred (NoSuchBucket) when", "bucket runs does not exist there; create it, or correct "),
        (S3, "An error occurred (InvalidAccessKeyId) when", "correct artifactRoot.s3.awsAccessKeyId"),
        (S3, "An error occurred (SignatureDoesNotMatch) when", "correct artifactRoot.s3.awsSecretAccessKey"),
        (S3, "An error occurred (AccessDenied) when", "delete objects below s3://runs/team"),
        (S3, "An error occurred (ExpiredToken) when", "the credentials have expired"),
        (S3, "An error occurred (PermanentRedirect) when", "extraEnvVars.AWS_DEFAULT_REGION"),
        (S3, "Unable to locate credentials", "no credentials were found; write artifactRoot.s3.awsAccessKeyId"),
        (S3, "Invalid endpoint: host:9000", "write it as `https://host:port`"),
        (S3, "CERTIFICATE_VERIFY_FAILED", "set AWS_CA_BUNDLE to the file of its authority"),
        (GCS, "404 POST https://storage", "bucket runs does not exist there; create it, or correct artifactRoot.gcs"),
        (GCS, "401 Anonymous caller does not have access", "set GOOGLE_APPLICATION_CREDENTIALS"),
        (GCS, "File key.json was not found.", "names a file that does not exist"),
        (GCS, "403 sa@x does not have storage.objects.create access", "these credentials may not do that"),
        (AZURE, "ErrorCode:ContainerNotFound", "container runs does not exist there; create it, or correct "),
        (AZURE, "Server failed to authenticate the request.", "correct artifactRoot.azureBlob.accessKey or "),
        (AZURE, "Incorrect padding", "the key is not base64"),
        (AZURE, "DefaultAzureCredential failed", "no credentials were found; write artifactRoot.azureBlob."),
        (AZURE, "CERTIFICATE_VERIFY_FAILED", "set REQUESTS_CA_BUNDLE to the file of its authority"),
        (LOCAL, "[Errno 13] Permission denied", "make the directory writable"),
        (LOCAL, "[Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_a_known_failure_says_what_to_change_and_what_the_client_said(
    location: ArtifactLocation, said: str, advice: str
) -> None:
    sentence = explained(RuntimeError(said), location, {})

    assert advice in sentence
    assert sentence.endswith(f"({said.rstrip('.')})")


def test_an_unknown_failure_is_given_in_the_words_of_the_client() -> None:
    assert explained(RuntimeError("Something\n  else."), S3, {}) == "Something else"


def test_a_failure_without_words_is_given_by_its_name() -> None:
    assert explained(TimeoutError(), S3, {}) == "TimeoutError"


def test_the_cause_below_a_failure_is_known_too() -> None:
    error = RuntimeError("the upload failed")
    error.__cause__ = ValueError("An error occurred (NoSuchBucket)")

    assert explained(error, S3, {}).startswith("bucket runs does not exist there")


def test_our_own_temporary_file_is_not_told() -> None:
    said = "Failed to upload /tmp/x/small.txt to runs/x: An error occurred (NoSuchBucket) when calling PutObject"

    assert "/tmp" not in explained(RuntimeError(said), S3, {})


def test_long_words_are_cut() -> None:
    assert len(explained(RuntimeError("x" * 5000), S3, {})) == SAID


@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING"])
def test_a_secret_in_the_words_of_the_client_is_hidden(variable: str) -> None:
    assert explained(RuntimeError("bad key s3cr+t/= here"), S3, {variable: "s3cr+t/="}) == "bad key *** here"


def test_silence_without_a_key_of_azure_means_that_no_identity_was_found() -> None:
    assert silence(AZURE, 15, {}).startswith("no credentials were found")
    assert silence(AZURE, 15, {"AZURE_STORAGE_ACCESS_KEY": "k"}) == "it did not answer within 15 s"
    assert silence(S3, 15, {}) == "it did not answer within 15 s"

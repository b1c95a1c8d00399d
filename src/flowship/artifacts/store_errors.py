"""What a store's client raised, as the end of a sentence that says what to change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.artifacts.location import ArtifactLocation

SAID = 300
"""Characters of the client's own words that are shown; some go on for pages."""

_MISSING = "{name} does not exist there; create it, or correct {section}.{name_key}"
_DENIED = "these credentials may not do that; let them list, read, write and delete objects below {uri}"
_NOT_BASE64 = "the key is not base64; copy {section}.accessKey or {section}.connectionString again"
_NO_IDENTITY = (
    "no credentials were found; write {section}.connectionString or {section}.accessKey, or run where a managed "
    "identity is lent"
)

_S3 = {
    "NoSuchBucket": _MISSING,
    "(404)": _MISSING,
    "InvalidAccessKeyId": "the access key id is not known there; correct {section}.awsAccessKeyId",
    "XAdminUserNotFound": "the access key id is not known there; correct {section}.awsAccessKeyId",  # versitygw
    "SignatureDoesNotMatch": "the secret does not belong to the access key id; correct {section}.awsSecretAccessKey",
    "InvalidToken": "AWS_SESSION_TOKEN is not valid there; remove it, or log in again",
    "ExpiredToken": "the credentials have expired; log in again, or give keys that last",
    "AccessDenied": _DENIED,
    "(403)": _DENIED,
    "PermanentRedirect": "the bucket is in another region; set extraEnvVars.AWS_DEFAULT_REGION to it",
    "IllegalLocationConstraint": "the bucket is in another region; set extraEnvVars.AWS_DEFAULT_REGION to it",
    "AuthorizationHeaderMalformed": "the server has another region; set extraEnvVars.AWS_DEFAULT_REGION to it",
    "Unable to locate credentials": "no credentials were found; write {section}.awsAccessKeyId and "
    "{section}.awsSecretAccessKey, or run where a role is lent",
    "config profile": "the profile of AWS_PROFILE is not known; correct or remove that variable",
    "Could not connect to the endpoint": "nothing answers there; check this machine's network and "
    "extraEnvVars.AWS_DEFAULT_REGION",
    "Invalid bucket name": "that is no name of a bucket; correct {section}.bucket",
    "Invalid endpoint": "MLFLOW_S3_ENDPOINT_URL is not a URL; write it as `https://host:port`",
}
_GCS = {
    "bucket does not exist": _MISSING,
    "404": _MISSING,
    "Anonymous caller": "no credentials were found; set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run where a "
    "workload identity is lent",
    "401": "no valid credentials were found; set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run where a workload "
    "identity is lent",
    "was not found": "GOOGLE_APPLICATION_CREDENTIALS names a file that does not exist; correct it",
    "403": _DENIED,
    "invalid_grant": "the key of GOOGLE_APPLICATION_CREDENTIALS is no longer valid; make a new one",
}
_AZURE = {
    "ContainerNotFound": _MISSING,
    "failed to authenticate": "the key does not belong to the storage account; correct {section}.accessKey or "
    "{section}.connectionString",
    "InvalidAuthenticationInfo": "the credentials are not valid there; correct {section}.accessKey or "
    "{section}.connectionString",
    "AuthorizationPermissionMismatch": "the identity may not do that; give it the role `Storage Blob Data Contributor`",
    "AuthorizationFailure": _DENIED,
    "InvalidResourceName": "that is no name of a container; correct {section}.container",
    "Connection string": "the connection string cannot be read; copy {section}.connectionString again",
    "Incorrect padding": _NOT_BASE64,
    "base64": _NOT_BASE64,
    "DefaultAzureCredential": _NO_IDENTITY,
}
_ANY = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted here; set {authority} to the file of its authority",
    "WRONG_VERSION_NUMBER": "it does not speak TLS; write its address with http://",
    "NameResolutionError": "the store's host name is not known; check this machine's network",
    "Failed to resolve": "the store's host name is not known; check this machine's network",
    "Permission denied": "this user may not do that; make the directory writable for it",
    "No space left on device": "the disk is full; make room",
}
_STORES = {"s3": _S3, "gs": _GCS, "wasbs": _AZURE}
_NAME_KEYS = {"s3": "bucket", "gs": "bucket", "wasbs": "container"}
_AUTHORITIES = {"s3": "AWS_CA_BUNDLE"}

AZURE_SECRETS = ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCESS_KEY")
SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", *AZURE_SECRETS)


def explained(error: BaseException, location: ArtifactLocation, environ: Mapping[str, str] = os.environ) -> str:
    """Tell what is wrong with a store and what to change, with the client's own words, in which no secret is left."""
    scheme = urlsplit(location.uri).scheme
    text = " ".join(f"{type(raised).__name__}: {raised}" for raised in _chain(error))
    known = {**_ANY, **_STORES.get(scheme, {})}
    advice = next((advice for word, advice in known.items() if word in text), "")
    said = _without_secrets(_said(error), environ)[:SAID]
    if not advice:
        return said
    return f"{_filled(advice, location)} ({said})"


def silence(location: ArtifactLocation, limit: float, environ: Mapping[str, str] = os.environ) -> str:
    """Tell what it may mean that the client came to no end, as the end of a sentence."""
    if location.uri.startswith("wasbs:") and not any(environ.get(name) for name in AZURE_SECRETS):
        return _filled(_NO_IDENTITY, location)
    return f"it did not answer within {limit:.0f} s"


def _filled(advice: str, location: ArtifactLocation) -> str:
    parts = urlsplit(location.uri)
    name_key = _NAME_KEYS.get(parts.scheme, "")
    return advice.format(
        name=f"{name_key} {parts.netloc.partition('@')[0]}",
        name_key=name_key,
        section=location.key,
        uri=location.uri,
        authority=_AUTHORITIES.get(parts.scheme, "REQUESTS_CA_BUNDLE"),
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(error: BaseException) -> str:
    """Give the client's words: boto3's without the file that it uploaded, Azure's without the XML of the answer."""
    text = " ".join(str(error).split()).partition(" RequestId:")[0]
    begin = max(text.find("An error occurred ("), 0)
    return text[begin:].rstrip(".") or type(error).__name__


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    for secret in filter(None, (environ.get(name) for name in SECRET_VARIABLES)):
        text = text.replace(secret, "***")
    return text

"""Tokens of issuers as GitHub, GitLab and Kubernetes document them, and settings that trust them."""

from __future__ import annotations

import json
import time
from typing import Any

from flowship.auth.workloads.settings import Source, WorkloadSettings
from tests.unit.auth.methods.oidc.fake_provider import EC_KEY, KEY

AUDIENCE = "https://mlflow.example.com"
JWKS = json.dumps({"keys": [dict(each.as_dict(private=False)) for each in (KEY, EC_KEY)]})

GITHUB: dict[str, Any] = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:team/project:ref:refs/heads/main",
    "aud": AUDIENCE,
    "repository": "team/project",
    "repository_id": "74",
    "ref": "refs/heads/main",
    "event_name": "push",
}
GITLAB: dict[str, Any] = {
    "iss": "https://gitlab.example.com",
    "sub": "project_path:team/project:ref_type:branch:ref:main",
    "aud": AUDIENCE,
    "project_path": "team/project",
    "ref_protected": "true",
}
KUBERNETES: dict[str, Any] = {
    "iss": "https://kubernetes.default.svc.cluster.local",
    "sub": "system:serviceaccount:training:trainer",
    "aud": [AUDIENCE],
    "kubernetes.io": {
        "namespace": "training",
        "pod": {"name": "trainer-0", "uid": "a"},
        "serviceaccount": {"name": "trainer", "uid": "b"},
    },
}


def lasting(claims: dict[str, Any], seconds: int = 300, now: float | None = None) -> dict[str, Any]:
    """Give claims that are valid for so many seconds from now."""
    at = int(time.time() if now is None else now)
    return {**claims, "iat": at, "nbf": at, "exp": at + seconds}


def trusted(about: dict[str, Any], *names: str, number: int = 0, **more: Any) -> WorkloadSettings:
    """Make an entry that wants these claims to be as they are here, with keys that are given."""
    return WorkloadSettings(
        **{
            "place": f"oidcAuth.workloads[{number}]",
            "source": Source(about["iss"], "", JWKS, ""),
            "audience": AUDIENCE,
            "claims": {name: (about[name],) for name in names or ("sub",)},
            "user": "ci",
            **more,
        }
    )

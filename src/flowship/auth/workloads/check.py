"""Tries trusted issuers, for `flowship check --live`: whether their keys can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.methods.oidc.check import check_of_keys
from flowship.auth.workloads.issuers import Issuer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowship.auth.workloads.settings import WorkloadSettings
    from flowship.check import Check


def checks(workloads: Iterable[WorkloadSettings]) -> Iterator[Check]:
    """Try each issuer once."""
    for source, place in {each.source: each.place for each in reversed(tuple(workloads))}.items():
        yield check_of_keys(Issuer(source).keys, source.issuer, place=place)

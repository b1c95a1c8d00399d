"""Tries trusted issuers, for `flowship check --live`: whether their keys can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.methods.oidc.provider.errors import ProviderError
from flowship.auth.workloads.issuers import Issuer
from flowship.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowship.auth.workloads.settings import WorkloadSettings


def checks(workloads: Iterable[WorkloadSettings]) -> Iterator[Check]:
    """Try each issuer once."""
    for source, place in {each.source: each.place for each in reversed(tuple(workloads))}.items():
        try:
            found = len(Issuer(source).keys.all())
        except ProviderError as error:
            yield Check(False, f"{place}: {error}")
            continue
        if found:
            yield Check(True, f"{place}: {source.issuer} has {found} key{'' if found == 1 else 's'} for signatures")
        else:
            yield Check(False, f"{place}: {source.issuer} has no key of RSA or EC to verify tokens with; add one there")

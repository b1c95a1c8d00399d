"""Whose certificates are believed of a server that is asked about users: a directory, or a provider."""

from __future__ import annotations

import ssl


def trusting(ca: str) -> ssl.SSLContext:
    """Make a context of TLS that believes these certificates in PEM, or where there are none, those of the system."""
    context = ssl.create_default_context(cadata=ca or None)
    # From Python 3.13 on, CAs that lack some extensions are refused, which many private ones do, and a certificate
    # that was given itself is trusted. Both are the same here with every Python.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context

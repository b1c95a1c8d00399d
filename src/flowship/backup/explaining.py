"""Errors of drivers and files while a database is backed up or restored, as sentences."""

from __future__ import annotations

from functools import partial

from flowship.database import explaining
from flowship.errors import BackupError

explained = partial(explaining.explained, raised=BackupError)
"""Turns what the drivers raise into a sentence."""

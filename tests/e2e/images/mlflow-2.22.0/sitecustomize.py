"""Remembers which passwords were right. MLflow 2.22.0 checks a hash that is slow on purpose two to three times in each
request: filling a server would take minutes. What is stored is the same."""

from __future__ import annotations

import functools

import werkzeug.security

werkzeug.security.check_password_hash = functools.cache(werkzeug.security.check_password_hash)

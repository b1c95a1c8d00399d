"""The metrics write to files as soon as they are imported, so their directory comes first."""

from __future__ import annotations

import os
import tempfile

_directory = tempfile.TemporaryDirectory(prefix="flowship-test-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _directory.name

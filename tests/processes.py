"""The process from which tests fork others, with what costs most imported (`preloaded`): one in each test worker."""

from __future__ import annotations

import multiprocessing

PRELOADED = "tests.preloaded"

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([PRELOADED])

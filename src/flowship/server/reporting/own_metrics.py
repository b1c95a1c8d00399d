"""What a server tells of itself at each scrape: versions, processes, files, and what others ask the database now and
then."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from flowship.server.reporting import definitions
from flowship.server.reporting.readiness import OK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from flowship.garbage.record import Collected
    from flowship.server.reporting.metrics import Sample
    from flowship.server.reporting.now_and_then import NowAndThen
    from flowship.server.reporting.readiness import Report
    from flowship.server.reporting.state import SharedState
    from flowship.status.report import Versions


def versions(found: Versions) -> Callable[[], Iterable[Sample]]:
    """Tell the versions of what runs, which stay."""
    samples = (
        (definitions.BUILD, (found.flowship, found.mlflow, found.python), 1),
        (definitions.EXPORTER, (found.flowship,), 1),
    )
    return lambda: samples


def backup(last: Callable[[], datetime | None]) -> Iterator[Sample]:
    """Tell when the last good backup was begun, if there is one."""
    if found := last():
        yield definitions.BACKUP, (), found.timestamp()


def garbage(last: Callable[[], Collected | None]) -> Iterator[Sample]:
    """Tell of the last collection of garbage, and what all have freed, if there was one."""
    if found := last():
        yield definitions.GARBAGE_TIME, (), found.ended.timestamp()
        yield definitions.GARBAGE_FAILED, (), found.failed
        yield definitions.GARBAGE_BYTES, (), found.bytes_total
        yield definitions.GARBAGE_ROWS, (), found.rows_total


def readiness(report: Report | None) -> Iterator[Sample]:
    """Tell how each check went."""
    for check, found in (report.checks if report else {}).items():
        yield definitions.READY, (check,), float(found == OK)


def processes(state: SharedState, wanted: int, since: datetime, memory: NowAndThen[int]) -> Iterator[Sample]:
    """Tell of the server's processes."""
    yield definitions.WORKERS, ("wanted",), wanted
    yield definitions.WORKERS, ("serving",), state.serving
    yield definitions.UP_SINCE, (), since.timestamp()
    if (found := memory.known()) is not None:
        yield definitions.MEMORY, (), found


def certificate(file: Path | None) -> Callable[[], Iterable[Sample]]:
    """Read now when this certificate ends, which a server keeps until it is started again."""
    if file is None:
        return lambda: ()
    from cryptography.x509 import load_pem_x509_certificates

    own, *_issuers = load_pem_x509_certificates(file.read_bytes())
    return lambda: ((definitions.CERTIFICATE, (), own.not_valid_after_utc.timestamp()),)


def disks(directories: Iterable[Path]) -> Iterator[Sample]:
    """Tell how full the file systems of these directories are, each once."""
    told = set[int]()
    for directory in directories:
        try:
            device = directory.stat().st_dev
            usage = shutil.disk_usage(directory)
        except OSError:  # it is made when the first file is
            continue
        if device not in told:
            told.add(device)
            yield definitions.DISK_FREE, (str(directory),), usage.free
            yield definitions.DISK_SIZE, (str(directory),), usage.total

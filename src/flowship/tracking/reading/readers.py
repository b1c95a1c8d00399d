"""All that reads one database, for whoever answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.tracking.traces.tables import trace_tables
from flowship.tracking.reading.experiment_search import ExperimentSearch
from flowship.tracking.reading.experiments import ExperimentReader
from flowship.tracking.reading.histories import HistoryReader
from flowship.tracking.reading.run_search import RunSearch
from flowship.tracking.reading.runs import RunReader, WholeRuns
from flowship.tracking.reading.trace_search import TraceSearch

if TYPE_CHECKING:
    from sqlalchemy import Dialect

    from flowship.mlflow_seams.tracking.store import Tables


class Readers:
    """What reads each kind of thing in one kind of database, with statements that are made once."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        whole = WholeRuns(tables, dialect)
        self.runs = RunReader(tables, dialect, whole)
        self.search = RunSearch(tables, dialect.name, whole)
        self.histories = HistoryReader(tables, dialect)
        self.experiments = ExperimentReader(tables, dialect)
        self.experiment_search = ExperimentSearch(tables, dialect)
        self.trace_search = TraceSearch(trace_tables(), dialect)

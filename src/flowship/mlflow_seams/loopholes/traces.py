"""Where MLflow takes the ids of traces, assessments and runs from clients that send traces, and believes them.

MLflow asks about the experiment that a request names. A trace that is there already may lie in another one, an
assessment on another trace, and a run in any experiment; those are asked about here, right before they are changed.
Admins are not asked, and without users nobody is.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from flowship.mlflow_seams.auth.users import auth_app, sender_is_admin
from flowship.mlflow_seams.installation import module
from flowship.mlflow_seams.tracking.traces.ends import may_send

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping

    from flowship.mlflow_seams.auth.decisions import Anew

    Remembered = Callable[[Hashable, Callable[[], bool]], bool]
    """Gives a decision about something that was made a moment ago, if it allowed it, or makes it."""

_SENDER: ContextVar[str | None] = ContextVar("flowship_sender_of_spans", default=None)
"""Who sends spans, unless that is an admin: Flask, which knows it of other requests, does not see these."""


def keep_traces_to_their_users(anew: Anew, remembered: Remembered) -> None:
    """Let who sends a trace change only what one may change; what is refused was decided `anew` too.

    Agents send spans again and again to one experiment: that they may is `remembered`.
    """
    rights = _Rights(anew)
    _guard_starts(rights)
    _guard_spans(rights, remembered)
    _keep_assessments()


class _Rights:
    """What MLflow lets a user change, besides what the path of a request says."""

    def __init__(self, anew: Anew) -> None:
        self._anew = anew

    def traces_of(self, username: str, experiment: str) -> bool:
        """Tell whether this user may begin and change traces of the experiment."""
        return self._holds(lambda: may_send(username, experiment))

    def run(self, username: str, run: str) -> bool:
        """Tell whether this user may change the run; nobody may who is no admin when there is none, as MLflow has
        it."""
        auth = auth_app()

        def decided() -> bool:
            resolved = auth._run_requirement(run, "update")
            return resolved is not None and bool(auth.authorize(username, *resolved))

        return self._holds(decided)

    def _holds(self, decide: Callable[[], bool]) -> bool:
        if decide():
            return True
        with self._anew():
            return bool(decide())


def _sender() -> str | None:
    """Who sends the request that is served now, if somebody does who is no admin."""
    from flask import has_request_context

    if not has_request_context():
        return _SENDER.get()
    return None if sender_is_admin() else str(auth_app().authenticate_request().username)


def _guard_starts(rights: _Rights) -> None:
    """Guard traces where they are begun and ended, in all versions of the API."""
    store: Any = module("mlflow.store.tracking.sqlalchemy_store").SqlAlchemyStore
    start, start_old, end_old = store.start_trace, store.deprecated_start_trace_v2, store.deprecated_end_trace_v2

    @functools.wraps(start)
    def start_trace(self: Any, trace_info: Any) -> Any:
        if username := _sender():
            experiment = str(trace_info.experiment_id)
            _check_traces(self, rights, username, experiment, [trace_info.trace_id])
            _check_run(self, rights, username, experiment, trace_info.trace_metadata)
        return start(self, trace_info)

    @functools.wraps(start_old)
    def deprecated_start_trace(
        self: Any, experiment_id: str, *more: Any, request_metadata: dict[str, str], **named: Any
    ) -> Any:
        if username := _sender():
            _check_run(self, rights, username, experiment_id, request_metadata)
        return start_old(self, experiment_id, *more, request_metadata=request_metadata, **named)

    @functools.wraps(end_old)
    def deprecated_end_trace(
        self: Any, request_id: str, *more: Any, request_metadata: dict[str, str], **named: Any
    ) -> Any:
        if username := _sender():
            _check_run(self, rights, username, None, request_metadata)
        return end_old(self, request_id, *more, request_metadata=request_metadata, **named)

    store.start_trace = start_trace
    store.deprecated_start_trace_v2, store.deprecated_end_trace_v2 = deprecated_start_trace, deprecated_end_trace


def _guard_spans(rights: _Rights, remembered: Remembered) -> None:
    """Guard the spans that OpenTelemetry sends, and the run to which a header of theirs links their traces."""
    from mlflow.tracing.utils.otlp import MLFLOW_EXPERIMENT_ID_HEADER, MLFLOW_RUN_ID_HEADER

    store: Any = module("mlflow.store.tracking.sqlalchemy_store").SqlAlchemyStore
    auth: Any = auth_app()
    log = store.log_spans
    find = auth._get_otel_validator

    @functools.wraps(log)
    def log_spans(self: Any, location: str, spans: list[Any], *more: Any, **named: Any) -> Any:
        if username := _sender():
            _check_traces(self, rights, username, location, {span.trace_id for span in spans})
        return log(self, location, spans, *more, **named)

    def found(path: str) -> Callable[[str, Any], Awaitable[bool]]:
        own = find(path)

        async def validator(username: str, request: Any) -> bool:
            _SENDER.set(username)
            experiment = request.headers.get(MLFLOW_EXPERIMENT_ID_HEADER)
            if not experiment:
                return bool(await own(username, request))  # which says that it is missing
            runs = filter(None, request.headers.getlist(MLFLOW_RUN_ID_HEADER))
            return remembered((username, "spans", experiment), partial(may_send, username, experiment)) and all(
                rights.run(username, run) for run in runs
            )

        return validator

    store.log_spans, auth._get_otel_validator = log_spans, found


def _check_traces(store: Any, rights: _Rights, username: str, experiment: str, traces: Iterable[str]) -> None:
    """Refuse what would change a trace of another experiment than the one that the request named."""
    model = _models().SqlTraceInfo
    with store.ManagedSessionMaker(read_only=False) as session:  # a replica may not know yet whose it is
        rows = session.query(model.request_id, model.experiment_id).filter(model.request_id.in_(sorted(traces))).all()
    for trace, lies_in in rows:
        if str(lies_in) != experiment and not rights.traces_of(username, str(lies_in)):
            _deny(
                f"Trace '{trace}' is one of another experiment, whose traces you may not change. Give yours an ID of "
                "its own."
            )


def _check_run(store: Any, rights: _Rights, username: str, experiment: str | None, metadata: Mapping[str, str]) -> None:
    """Refuse to link a trace to a run that is neither of the trace's experiment nor one that the sender may change."""
    from mlflow.tracing.constant import TraceMetadataKey

    run = metadata.get(TraceMetadataKey.SOURCE_RUN)
    if not run:
        return
    model = _models().SqlRun
    with store.ManagedSessionMaker(read_only=False) as session:
        lies_in = session.query(model.experiment_id).filter(model.run_uuid == run).scalar()
    if (lies_in is None or str(lies_in) != experiment) and not rights.run(username, run):
        _deny(
            f"{TraceMetadataKey.SOURCE_RUN} '{run}' is no run of the trace's experiment, nor one that you may change. "
            "Leave it out."
        )


def _keep_assessments() -> None:
    """Keep each assessment on its trace: MLflow would move one whose id comes with another trace."""
    from sqlalchemy import event, inspect

    def stays(assessment: Any, trace: str, before: object, _how: object) -> None:
        if inspect(assessment).persistent and trace != before:
            _deny(f"Assessment '{assessment.assessment_id}' is one of another trace. Give yours an ID of its own.")

    event.listen(_models().SqlAssessments.trace_id, "set", stays, active_history=True)


def _models() -> Any:
    return module("mlflow.store.tracking.dbmodels.models")


def _deny(sentence: str) -> NoReturn:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

    raise MlflowException(sentence, error_code=PERMISSION_DENIED)

from __future__ import annotations

from flowship.database.migrating import foretelling
from flowship.database.migrating.outlook import Outlook, outlook
from flowship.database.part import Part
from flowship.mlflow_seams.database.revisions import OF_2_22

INDEX_ON_METRICS = "a5b4c3d2e1f0"
TRACES = "75868b020152"
BEFORE_JOBS_WERE_RENAMED = "b7c8d9e0f1a2"
BEFORE_TRACES_ARE_COUNTED = "b7e2c1a4d9f3"


def test_nothing_is_pending_at_the_last_revision() -> None:
    assert outlook(Part.TRACKING, "postgresql", Part.TRACKING.head).pending == ()


def test_tables_that_the_migration_makes_itself_are_not_locked() -> None:
    locked = outlook(Part.TRACKING, "postgresql", OF_2_22).locked

    assert {"experiments", "metrics", "trace_info"} <= set(locked)
    assert not {"jobs", "spans", "evaluation_datasets"} & set(locked)


def test_what_takes_long_is_named_with_its_rows() -> None:
    ahead = outlook(Part.TRACKING, "postgresql", OF_2_22)
    said = foretelling.how_long(ahead, {"metrics": 50_000_000, "trace_info": 10})

    assert f"{INDEX_ON_METRICS} about " in said
    assert " for 50,000,000 rows of metrics; each of the others less than 1 s. These are estimates" in said


def test_a_small_database_takes_a_second() -> None:
    said = foretelling.how_long(outlook(Part.TRACKING, "sqlite", OF_2_22), {"metrics": 100})

    assert said.startswith("the migration will take about 1 s: each less than 1 s. These are estimates")


def test_a_change_of_a_type_takes_time_only_where_rows_are_written_anew() -> None:
    rows = {"experiment_tags": 100_000_000}

    def takes(kind: str) -> float:
        ahead = outlook(Part.TRACKING, kind, OF_2_22)  # type: ignore[arg-type]
        return sum(ahead.seconds(each, rows) for each in ahead.pending)

    assert takes("postgresql") == 0
    assert takes("mysql") > 10


def test_the_locks_of_each_kind_of_database_are_told() -> None:
    def said(kind: str) -> str:
        return foretelling.locks(outlook(Part.TRACKING, kind, BEFORE_TRACES_ARE_COUNTED))  # type: ignore[arg-type]

    assert said("postgresql").startswith("until the migration has ended, all requests wait that read or write ")
    assert said("mysql").startswith("requests wait for each of these tables while it is changed: trace_info, spans,")
    assert said("sqlite") == "nothing else can write into the file until the migration has ended"


def test_servers_of_2_22_go_on_but_for_what_is_counted_of_traces() -> None:
    """Because of this the chart may replace pods one after the other: a revision after which requests of the MLflow
    that it moves from fail must change its strategy."""
    ahead = outlook(Part.TRACKING, "postgresql", OF_2_22)

    assert [broken.fails for broken in ahead.broken] == [False]
    (said,) = foretelling.of_servers_before(ahead)
    assert said == (
        "a server of the MLflow of before shows traces without name, session, tokens and costs, and writes them where"
        " the new one does not look. All else goes on; MLflow refuses to start one anew. To have none of it:"
        " strategy.type: Recreate"
    )


def test_servers_that_nothing_is_broken_for_go_on() -> None:
    assert foretelling.of_servers_before(Outlook(Part.TRACKING, "postgresql", ())) == [
        "servers of the MLflow of before go on after the migration, until they are replaced; MLflow refuses to start"
        " one anew"
    ]


def test_servers_that_use_what_is_gone_must_be_stopped_first() -> None:
    said = foretelling.of_servers_before(outlook(Part.TRACKING, "postgresql", BEFORE_TRACES_ARE_COUNTED))

    assert "a server of the MLflow of before cannot write or read spans: a column of theirs is gone" in said
    assert said[-1].endswith(". Stop such servers first, or let the chart do so: strategy.type: Recreate")


def test_a_server_without_jobs_does_not_mind_what_happens_to_them() -> None:
    assert not any("jobs" in said for said in foretelling.of_servers_before(outlook(Part.TRACKING, "mysql", OF_2_22)))
    with_jobs = foretelling.of_servers_before(outlook(Part.TRACKING, "mysql", BEFORE_JOBS_WERE_RENAMED))
    assert any("cannot start or read jobs" in said for said in with_jobs)


def test_of_a_database_of_long_before_nothing_is_promised() -> None:
    ahead = outlook(Part.TRACKING, "postgresql", None)

    assert "(of before MLflow 2.22)" in foretelling.which(ahead)
    assert "those of before MLflow 2.22 are not estimated" in foretelling.how_long(ahead, {})
    assert foretelling.of_servers_before(ahead) == [
        "stop the servers of the MLflow of before first: it is not known what they would do after it. strategy.type:"
        " Recreate"
    ]


def test_changes_of_permissions_by_servers_of_before_are_lost() -> None:
    (said,) = foretelling.of_servers_before(outlook(Part.AUTH, "postgresql", "8606fa83a998"))

    assert "does not see those that it grants or takes away" in said

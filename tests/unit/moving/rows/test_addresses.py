from __future__ import annotations

from flowship.moving.rows.addresses import Addresses
from flowship.moving.rows.batches import Batch
from flowship.moving.rows.tables import Column, Kind, Moved

RUNS = Moved("runs", (Column("run_uuid", Kind.TEXT), Column("artifact_uri", Kind.TEXT)), ("run_uuid",))


def test_only_what_is_under_the_old_place_changes() -> None:
    addresses = Addresses("s3://old/a", "gs://new")
    assert addresses.changed("s3://old/a") == "gs://new"
    assert addresses.changed("s3://old/a/1/run") == "gs://new/1/run"
    for address in ("s3://old/ab/1", "mlflow-artifacts:/1", "s3://old", ""):
        assert addresses.changed(address) == address


def test_addresses_in_rows_change_and_nothing_else() -> None:
    batch = Batch([("s3://old/a", "s3://old/a/1"), ("r", None)], ["r"])
    assert Addresses("s3://old", "file:///new").change(RUNS)(batch).rows == [
        ("s3://old/a", "file:///new/a/1"),
        ("r", None),
    ]
    assert Addresses().change(RUNS)(batch) is batch


def test_what_grows_is_known_before() -> None:
    assert Addresses("s3://a", "s3://longer").longer("runs", "artifact_uri") == 5
    assert Addresses("s3://a", "s3://longer").longer("runs", "name") == 0
    assert Addresses("s3://longer", "s3://a").longer("runs", "artifact_uri") == 0

from __future__ import annotations

import base64
import json

from flowship.exporting.identifiers import Renaming, fresh

RUN, TRACE, MODEL = "0" * 31 + "a", "tr-" + "0" * 31 + "b", "m-" + "0" * 31 + "c"
LINK = "8e3f1c52-3a4e-4f5c-9d1b-0a1b2c3d4e5f"
ENCODED = base64.b64encode(bytes.fromhex(TRACE[3:])).decode()


def renaming() -> Renaming:
    return Renaming(fresh([RUN, TRACE, MODEL, LINK]), "mlflow-artifacts:/1", "s3://bucket/7")


def test_new_identifiers_have_the_form_of_the_old_ones() -> None:
    found = fresh([RUN, TRACE, MODEL, LINK])

    assert [len(found[old]) for old in (RUN, TRACE, MODEL, LINK)] == [32, 35, 34, 36]
    assert found[TRACE].startswith("tr-")
    assert found[MODEL].startswith("m-")
    assert not found.keys() & set(found.values())


def test_an_identifier_is_replaced_wherever_it_stands() -> None:
    new = renaming()
    said = json.dumps({"run": RUN, "source": f"runs:/{RUN}/model", "trace_id": ENCODED, "model": MODEL})

    assert json.loads(new.renamed(said)) == {
        "run": new.identifiers[RUN],
        "source": f"runs:/{new.identifiers[RUN]}/model",
        "trace_id": base64.b64encode(bytes.fromhex(new.identifiers[TRACE][3:])).decode(),
        "model": new.identifiers[MODEL],
    }


def test_what_only_looks_like_an_identifier_stays() -> None:
    for text in ("f" * 32, RUN + "0", "a" + RUN, "tr-" + "f" * 32, "A" * 22 + "=="):
        assert renaming().renamed(text) == text


def test_numbers_and_nothing_stay() -> None:
    assert [renaming().renamed(value) for value in (1, 0.5, None, True)] == [1, 0.5, None, True]


def test_an_address_below_the_old_place_is_below_the_new_one() -> None:
    new = Renaming({}, "mlflow-artifacts:/1", "s3://bucket/7")

    assert new.renamed("mlflow-artifacts:/1/x/artifacts") == "s3://bucket/7/x/artifacts"
    assert new.renamed("mlflow-artifacts:/1") == "s3://bucket/7"
    assert new.renamed("mlflow-artifacts:/12/x") == "mlflow-artifacts:/12/x"

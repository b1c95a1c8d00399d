from __future__ import annotations

from pathlib import Path

import flowship
from flowship.values.model.finding import Finding, refusal
from flowship.values.model.provenance import Source

SOURCE = Path(flowship.__file__).parent


def test_each_finding_is_told_once_by_file_and_line_and_then_what_stands_in_no_file() -> None:
    later = Finding("b: is wrong.", (("b",),), Source("values.yaml", 12))
    sooner = Finding("a: is wrong.", (("a",),), Source("values.yaml", 3))
    text = Finding("is not YAML.", source=Source("values.yaml", 3, 7))
    nowhere = Finding("c: is empty.", (("c",),))

    assert refusal([nowhere, later, sooner, later, text]).findings == (
        "a: is wrong. (values.yaml:3)",
        "values.yaml:3:7: is not YAML.",
        "b: is wrong. (values.yaml:12)",
        "c: is empty.",
    )


def test_what_was_read_first_is_told_first_whatever_its_name_and_a_variable_after_the_files() -> None:
    first, second = (Finding(f"{name}: x.", ((name,),), Source(name, 9)) for name in ("z", "a"))
    variable = Finding("v: x.", (("v",),), Source("variable V"))

    assert refusal([variable, second, first], ["z", "a"]).findings == (
        "z: x. (z:9)",
        "a: x. (a:9)",
        "v: x. (variable V)",
    )


def test_all_that_refuses_values_does_it_by_findings() -> None:
    made = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if "ValuesError(" in path.read_text()}

    assert made == {"errors.py", "values/model/finding.py"}

from __future__ import annotations

from flowship.garbage.references import Pointing, pointed_to

RUN, MODEL = "0123456789abcdef0123456789abcdef", "m-0123456789abcdef0123456789abcdef"


def test_a_version_holds_its_run_and_what_is_in_its_addresses() -> None:
    places = (f"models:/{MODEL}", f"s3://b/1/{RUN[::-1]}/artifacts/model")
    found = pointed_to([Pointing(("default", "net", 3), RUN, places, False, ("champion", "prod"))])

    sentence = 'registered model "net", version 3 (champion, prod), points to it'
    assert {name: found[name] for name in (RUN, MODEL, RUN[::-1])} == dict.fromkeys((RUN, MODEL, RUN[::-1]), sentence)


def test_a_prompt_is_called_one() -> None:
    found = pointed_to([Pointing(("default", "greeting", 1), RUN, ("prompt-template",), True, ())])

    assert found[RUN] == 'prompt "greeting", version 1, points to it'
    assert "" not in found

from __future__ import annotations

import json

from chartgen.text_template import ESCAPED, escaped
from flowship.values.reading import documents

BY_GO = {"\u2028", "\u2029"}
"""What Go's JSON escapes by itself, besides what Python's does."""


def test_every_other_character_survives_in_the_pods_file_as_it_is() -> None:
    surrogates = range(0xD800, 0xE000)
    text = "".join(
        chr(each) for each in range(0x10200) if each not in surrogates and chr(each) not in {*ESCAPED, *BY_GO}
    )
    content = json.dumps({"a": text}, ensure_ascii=False).encode()

    assert documents.read(content, "values.yaml").data() == {"a": text}


def test_json_with_the_escapes_is_the_same_json() -> None:
    replaced = json.dumps("".join(ESCAPED), ensure_ascii=False)
    for step in escaped("x").split(" | ")[1:]:
        _, old, new = step.split(" ")
        replaced = replaced.replace(json.loads(old), json.loads(new))

    assert replaced.isascii()
    assert json.loads(replaced) == "".join(ESCAPED)

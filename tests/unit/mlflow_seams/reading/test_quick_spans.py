"""What MLflow finds of spans with less work is what it finds with more, and where it looks for it has not moved."""

from __future__ import annotations

import json

import pytest

from flowship.mlflow_seams.reading.quick_spans import may_hold_json
from tests.unit.in_mlflow import in_mlflow

LOADING = """
import json, sys
from mlflow.server.fastapi_app import app
from mlflow.server import otel_api
from mlflow.tracing import utils
from mlflow.tracing.otel import translation
from flowship.mlflow_seams.reading import quick_spans

own = translation.strip_otlp_double_encoding if hasattr(translation, "strip_otlp_double_encoding") else None
own = own or translation.sanitize_attributes
name, dump = own.__name__, utils.dump_span_attribute_value
quick_spans.read_spans_quickly(app)
quick = getattr(translation, name)
"""

TEXTS = [
    "",
    "a",
    "true",
    "1" * 20,
    "[1]",
    ' {"a": 1}',
    "\t[]",
    '"b"',
    "ä 密 😀 \u2028",
    "\\u005b1]",
    '"',
    "\x00\x1f",
    "NaN",
    "-1",
]


def test_texts_are_kept_as_before() -> None:
    once = [json.dumps(text, ensure_ascii=False) for text in TEXTS]
    said = [*TEXTS, *once, *map(json.dumps, once), *(json.dumps(json.dumps(text)) for text in once)]

    program = (
        f"said = dict(enumerate({said!r}))\n"
        "assert quick is not own and list(quick(said).items()) == list(own(said).items())\n"
        "assert quick(dict(said)) is not said\n"
        f"for value in [*said.values(), 1, 1.5, None, True, [1, 'ä'], {{'a': b'x'}}]:\n"
        "    assert utils.dump_span_attribute_value(value) == dump(value), value\n"
        "for module in quick_spans.DUMPING:\n"
        "    assert sys.modules[module].dump_span_attribute_value is utils.dump_span_attribute_value, module\n"
        "print('same')\n"
    )

    assert in_mlflow(LOADING + program) == "same"


@pytest.mark.parametrize(
    ("text", "may"), [('"abc"', False), ('""', False), ("{}", False), ('"[1]"', True), ('"1"', True)]
)
def test_only_a_text_that_may_be_json_is_read(text: str, *, may: bool) -> None:
    assert may_hold_json(text) is may


def test_mlflows_function_is_called_with_its_headers() -> None:
    program = (
        "from starlette.routing import Match, Mount\n"
        "direct = app.routes[0]\n"
        "def asked(*sent, path='/v1/traces', method='POST'):\n"
        "    headers = [(name.encode(), b'1') for name in sent]\n"
        "    scope = {'type': 'http', 'method': method, 'path': path, 'root_path': '', 'headers': headers}\n"
        "    assert any(r.matches(scope)[0] is Match.FULL for r in app.routes[1:] if not isinstance(r, Mount))\n"
        "    match, more = direct.matches(scope)\n"
        "    return match is Match.FULL and sorted(k for k, v in more[quick_spans.FOUND].items() if v)\n"
        "print(asked(), asked('x-mlflow-run-id'), asked('x-mlflow-experiment-id', 'x-mlflow-experiment-id'))\n"
        "print(asked('x-mlflow-experiment-id', 'user-agent', 'odd'))\n"
        "import importlib.util\n"
        "try:\n"
        "    import litellm\n"
        "except ImportError:\n"
        "    print(importlib.util.find_spec('litellm'))\n"
    )

    assert in_mlflow(LOADING + program).splitlines() == [
        "False False False",
        "['user_agent', 'x_mlflow_experiment_id']",
        "None",
    ]

"""Each private name of MLflow's assistant that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import json

from flowship.mlflow_seams.server.assistant import PATH, SWITCHED_OFF
from tests.unit.in_mlflow import in_mlflow

LOADED = (
    "import os, asyncio, json; os.environ.update({'_MLFLOW_SERVER_FILE_STORE': 'sqlite://', 'HOME': '/nonexistent',"
    "'MLFLOW_TRACKING_URI': 'sqlite://'});"
    "from flowship.mlflow_seams.server import app as mlflow_app; from flowship.mlflow_seams.server import assistant;"
    "from tests.unit.server.asgi import ask; app = mlflow_app.load_app(None);"
    "assistant.decide_by(lambda scope: scope.get('door') is True);\n"
    "def asked(path, **scope):\n"
    "    whole = {'scheme': 'http', 'query_string': b'', 'server': ('localhost', 80), 'http_version': '1.1',"
    " 'headers': [(b'host', b'localhost')], 'client': ('127.0.0.1', 5), **scope}\n"
    "    return asyncio.run(ask(app, path, **whole))\n"
)


def test_its_routes_are_all_below_one_path() -> None:
    printed = in_mlflow(
        "from mlflow.server.assistant.api import assistant_router;"
        "print(*{route.path.startswith(assistant_router.prefix) for route in assistant_router.routes});"
        "print(assistant_router.prefix)"
    )

    assert printed.split() == ["True", PATH]


def test_it_listens_to_whom_the_door_admits_and_not_to_loopback(since_3_18: bool) -> None:
    printed = in_mlflow(
        f"{LOADED}path = assistant.PATH + '/providers/none/health'\n"
        "print(asked(path).status, asked(path, door=True, client=('203.0.113.9', 5)).status)\n"
        "answer = json.loads(asked(assistant.PATH + '/config', door=True).body)\n"
        "print(*sorted(answer), answer['remote_access_allowed'] in (True, False))"
    )

    new = "can_edit_server_settings " if since_3_18 else ""
    assert printed.splitlines() == ["403 404", f"{new}projects providers remote_access_allowed True"]


def test_nothing_else_asks_for_the_address() -> None:
    printed = in_mlflow(
        "import inspect; from mlflow.server.assistant import api; source = inspect.getsource(api);"
        "print(source.count('is_loopback'), inspect.getsource(api._is_localhost).count('is_loopback'),"
        "*inspect.signature(api._is_localhost).parameters)"
    )

    assert printed == "1 1 request"


def test_an_assistant_that_nobody_set_up_answers_like_this(since_3_18: bool) -> None:
    printed = in_mlflow(
        f"{LOADED}answers = {{path: json.loads(asked(path, door=True).body) for path in assistant.SWITCHED_OFF}}\n"
        "print(json.dumps({path: sorted(answer) for path, answer in answers.items()}))"
    )

    new = set() if since_3_18 else {"can_edit_server_settings"}
    assert json.loads(printed) == {path: sorted(empty.keys() - new) for path, empty in SWITCHED_OFF.items()}


def test_a_page_hides_what_is_marked_as_its() -> None:
    printed = in_mlflow(
        f"{LOADED}hidden = [False]; assistant.hide_in_pages(lambda: hidden[0]); before = asked('/')\n"
        "hidden[0] = True; after = asked('/')\n"
        "print(before.status, after.status, before.body == after.body.replace(assistant.HIDING, b'</head>'))\n"
        "print(assistant.HIDING in after.body, assistant.HIDING in before.body)\n"
        "print(dict(before.headers)[b'etag'] != dict(after.headers)[b'etag'])\n"
        "print(int(dict(after.headers)[b'content-length']) == len(after.body))"
    )

    assert printed.split() == ["200", "200", "True", "True", "False", "True", "True"]


def test_mlflow_marks_its_button_and_its_panel() -> None:
    printed = in_mlflow(
        "import mlflow.server, pathlib;"
        "folder = pathlib.Path(mlflow.server.__file__).parent / 'js/build/static/js';"
        "print(max(file.read_text().count('\"data-assistant-ui\":\"true\"') for file in folder.glob('main.*.js')))"
    )

    assert int(printed) >= 3

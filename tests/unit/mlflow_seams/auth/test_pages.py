from __future__ import annotations

import re

from flowship.mlflow_seams.auth.pages import LOGGED_OUT_USER, USER_COOKIE
from flowship.mlflow_seams.auth.passwords import HASH, NAME, NUMBER, TABLE
from flowship.mlflow_seams.installation import directory
from tests.unit.in_mlflow import in_mlflow


def test_mlflows_log_out_removes_the_cookie_and_asks_who_the_user_is() -> None:
    (file,) = (directory() / "server" / "js" / "build" / "static" / "js").glob("main.*.js")
    pages = file.read_text()
    removed = re.search(rf'="{USER_COOKIE}",(\w)=\[\w,\w\]', pages)

    assert removed
    assert pages.count(f'"{USER_COOKIE}"') == 1
    assert re.search(rf"for\(const \w of {removed[1]}\).{{0,60}}document\.cookie=", pages)
    assert re.search(rf'`{LOGGED_OUT_USER}\$.{{0,120}}new URL\("ajax-api/2.0/mlflow/users/current"', pages)


def test_pages_offer_to_log_out_where_users_current_says_basic_auth() -> None:
    folder = directory() / "server" / "js" / "build" / "static" / "js"

    assert sum(file.read_text().count("is_basic_auth") for file in folder.glob("*.js")) == 1


def test_passwords_are_kept_where_sessions_look() -> None:
    printed = in_mlflow(
        "from mlflow.server.auth.db.models import SqlUser as User;"
        "print(User.__tablename__, *(column.name for column in User.__table__.columns))"
    )

    assert printed.split()[0] == TABLE
    assert {NUMBER, NAME, HASH} <= set(printed.split()[1:])


def test_a_password_that_is_kept_elsewhere_is_not_changed_here() -> None:
    printed = in_mlflow(
        "from mlflow.server import app; from flowship.mlflow_seams.auth import accounts;"
        "from flowship.mlflow_seams.auth.users import auth_app; import inspect;"
        "print('def update_user_password' in inspect.getsource(auth_app()),"
        " 'view_func=update_user_password' in inspect.getsource(auth_app()));"
        "app.view_functions['update_user_password'] = None; accounts.refuse_new_passwords('Elsewhere.');"
        "context = app.test_request_context(); context.push();"
        "answer = app.view_functions['update_user_password'](); print(answer.status_code, answer.get_json()['message'])"
    )

    assert printed.splitlines()[-2:] == ["True True", "400 Elsewhere."]

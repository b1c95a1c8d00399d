"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from flowship.mlflow_seams.auth import users as mlflow_users
from tests.unit.in_mlflow import in_mlflow


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestUsersAndHosts:
    def test_users_are_kept_by_this_store(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from sqlalchemy import create_engine;"
            "from flowship.mlflow_seams.database import schema as mlflow_schema;"
            " from flowship.mlflow_seams.auth import users as mlflow_users;"
            "from flowship.database.url import sqlite_url; from pathlib import Path;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "mlflow_schema.upgrade_auth(create_engine(url));"
            "store = mlflow_users.auth_store(url).__enter__();"
            "store.create_user('ada', 'a long password', is_admin=True);"
            "store.update_user('ada', password='another password', is_admin=False);"
            "print(store.has_user('ada'), store.has_user('eve'));"
            "print(store.authenticate_user('ada', 'another password'), store.authenticate_user('ada', 'wrong'))"
        )

        assert printed.splitlines() == ["True False", "True False"]

    def test_mlflow_names_the_hosts_that_it_accepts_by_itself(self) -> None:
        printed = in_mlflow(
            "from flowship.mlflow_seams.server import app as mlflow_app; print(*mlflow_app.default_allowed_hosts())"
        )

        assert {"localhost", "127.0.0.1", "localhost:*", "10.*", "192.168.*"} <= set(printed.split())


class TestAuthentication:
    def test_mlflow_asks_for_credentials_in_these_words(self) -> None:
        printed = in_mlflow(
            "from flask import Flask; from flowship.mlflow_seams.auth import users as mlflow_users;\n"
            "with Flask('x').app_context():\n"
            "    found = mlflow_users.auth_app().make_basic_auth_response()\n"
            "print(found.status_code, found.headers['WWW-Authenticate'], found.get_data(as_text=True), sep='\\n')"
        )

        assert printed.splitlines() == ["401", 'Basic realm="mlflow"', mlflow_users.UNAUTHENTICATED]

    def test_mlflow_tells_which_paths_are_open(self) -> None:
        printed = in_mlflow(
            "import os; os.environ['_MLFLOW_STATIC_PREFIX'] = '/mlflow';"
            "from flowship.mlflow_seams.auth import users as mlflow_users;"
            "paths = ['/health', '/mlflow/health', '/mlflow/static-files/x.js', '/', '/mlflow/', '/api/2.0/mlflow/x'];"
            "print(*[mlflow_users.is_open_path(path) for path in paths])"
        )

        assert printed.split() == ["True"] * 3 + ["False"] * 3

    def test_mlflow_verifies_passwords_but_the_old_default_one_of_an_admin(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from pathlib import Path;"
            "from flowship.mlflow_seams.auth import users as mlflow_users;"
            " from flowship.database.url import sqlite_url;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "store = mlflow_users.auth_app().store; store.init_db(str(url));"
            "store.create_user('ann', 'open sesame!'); store.create_user('root', 'password1234', is_admin=True);"
            "right = mlflow_users.is_password_of;"
            "print(right('ann', 'open sesame!'), right('ann', 'other'), right('eve', 'x'));"
            "print(right('root', 'password1234'));"
            "from flowship.mlflow_seams.auth.passwords import hash_of;"
            " from werkzeug.security import check_password_hash;"
            "print(check_password_hash(hash_of('ann'), 'open sesame!'), hash_of('eve'))"
        )

        assert printed.splitlines()[-3:] == ["True False False", "False", "True None"]

    def test_a_name_that_nobody_has_costs_a_hash_as_those_that_mlflow_makes(self) -> None:
        from werkzeug import security

        method, salt, _ = mlflow_users.NOBODYS_HASH.split("$", 2)

        assert security._hash_internal(method, salt, "x")[1] == security.generate_password_hash("x").split("$")[0]
        assert not security.check_password_hash(mlflow_users.NOBODYS_HASH, "")
        mlflow_users.hash_in_vain("any password")

    def test_what_the_store_of_users_is_asked_without_a_change_is_listed(self, since_3_18: bool) -> None:
        printed = in_mlflow(r"""
import inspect, re
from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore as Store

writes = re.compile(r"read_only=False|self\.(_create|_update|_delete|create|update|delete|grant|rename|set)_")
names = [name for name in vars(Store) if not name.startswith("_") and name != "init_db"]
print(*[name for name in names if not writes.search(inspect.getsource(getattr(Store, name)))], "_scorer_pattern")
print(*inspect.signature(Store._scorer_pattern).parameters)
""")

        *_, reads, scorer = printed.splitlines()
        new = {"list_named_role_grants_for_resource", "list_per_user_grants_for_resource"}
        assert set(reads.split()) == mlflow_users.STORE_READS - (set() if since_3_18 else new)
        assert scorer == "experiment_id scorer_name"

    def test_the_gateway_takes_credentials_in_this_header_and_with_this_token(self) -> None:
        printed = in_mlflow(
            "import os;"
            "from flowship.mlflow_seams.auth import users as mlflow_users;"
            " print(mlflow_users.gateway_token());"
            "os.environ['_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN'] = 'secret';"
            "print(mlflow_users.gateway_token(), mlflow_users.gateway_header());"
            "import inspect; source = inspect.getsource(mlflow_users.auth_app());"
            "print(f'path.startswith(\"{mlflow_users.GATEWAY_PATH}\")' in source)"
        )

        assert printed.splitlines() == ["None", "secret X-MLflow-Authorization", "True"]

    def test_a_run_is_looked_up_for_its_experiment_only(self) -> None:
        printed = in_mlflow(
            "import inspect, re;"
            "from flowship.mlflow_seams.auth import users as mlflow_users;"
            " auth = mlflow_users.auth_app();"
            "source = inspect.getsource(auth._run_requirement);"
            "print(re.findall(r'_fetch_or_none\\(_get_tracking_store\\(\\).(\\w+), run_id', source));"
            "print(sorted(set(re.findall(r'run\\.[\\w.]+', source))));"
            "print(inspect.getsource(auth).count('_fetch_or_none(_get_tracking_store().get_run'));"
            "print(*inspect.signature(auth._fetch_or_none).parameters);"
            "mlflow_users.wrap_run_lookup(lambda lookup: 'wrapped'); print(auth._fetch_or_none)"
        )

        assert printed.splitlines()[-5:] == [
            "['get_run']",
            "['run.info.experiment_id']",
            "1",
            "fetch resource_id",
            "wrapped",
        ]

    def test_fastapis_routes_are_told_who_by_this_function(self) -> None:
        printed = in_mlflow(
            "import inspect; from types import SimpleNamespace as Store;"
            "from flowship.mlflow_seams.auth import users as mlflow_users;"
            "auth = mlflow_users.auth_app(); asked = auth._authenticate_custom_for_fastapi;"
            "print(inspect.getsource(auth).count(f'{asked.__name__}('), *inspect.signature(asked).parameters);"
            "auth._authenticate_custom_for_fastapi = lambda request: f'MLflow asks about {request}';"
            "who = ['ada', 'eve', None];"
            "auth.store = Store(get_user=lambda name: {'ada': 'Ada'}[name]);"
            "mlflow_users.tell_fastapi_who(lambda: who.pop(0));"
            "print(*(auth._authenticate_custom_for_fastapi('it') for _ in range(3)), sep=', ')"
        )

        assert printed.splitlines()[-2:] == ["2 request", "Ada, None, MLflow asks about it"]

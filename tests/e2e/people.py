"""People who have signed in, and programs with tokens, that work until the file `stop` appears: run in the client's
pod.

    people.py ADDRESS    with ADMIN and PASSWORD in the environment; prints what was answered, and not, as JSON

Each makes its connections, and asks who it is and writes a metric in turn. Two of the people keep a connection, as a
browser does; the others make one for each request, so that each replica answers them. No request is sent twice.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import requests
from urllib3.exceptions import NewConnectionError

STOP = Path("stop")
LIMIT = 90
PEOPLE, KEEPING = 6, 2
PASSWORD = "a password of twelve"

address = sys.argv[1]
admin = (os.environ["ADMIN"], os.environ["PASSWORD"])
done: Counter[str] = Counter()
failed: Counter[str] = Counter()


def as_admin(path: str, *, version: str = "2.0", **body: object) -> requests.Response:
    answer = requests.post(f"{address}/api/{version}/mlflow/{path}", json=body, auth=admin, timeout=LIMIT)
    answer.raise_for_status()
    return answer


def signed_in(name: str) -> requests.Session:
    """Sign in by the page; the session has the cookies then."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Sec-Fetch-Site"] = "same-origin"  # as the page's own form
    answer = session.post(f"{address}/login", data={"username": name, "password": PASSWORD, "next": "/"}, timeout=LIMIT)
    assert answer.ok, answer.text
    assert session.cookies, answer.text
    return session


def token(session: requests.Session) -> requests.Session:
    """Make a token on the page; gives a program that has it, and no cookie."""
    form = {"do": "make", "name": "rolled", "days": "30", "scope": "all"}
    answer = session.post(f"{address}/tokens", data=form, timeout=LIMIT)
    answer.raise_for_status()
    program = requests.Session()
    program.trust_env = False
    program.headers["Authorization"] = f"Bearer {re.findall(r'flowship_[A-Za-z0-9_-]{43}', answer.text)[0]}"
    return program


def is_not_connected(error: requests.RequestException) -> bool:
    """Whether there was no connection, so that nobody was asked: a cluster sends some to pods that have just gone."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def work(kind: str, name: str, run: str, session: requests.Session, *, keeps: bool) -> None:
    if not keeps:
        session.headers["Connection"] = "close"
    step = 0
    while not STOP.exists():
        step += 1
        try:
            me = session.get(f"{address}/api/2.0/mlflow/users/current", timeout=LIMIT)
            metric = {"run_id": run, "key": name, "value": step, "timestamp": step, "step": step}
            wrote = session.post(f"{address}/api/2.0/mlflow/runs/log-metric", json=metric, timeout=LIMIT)
        except requests.RequestException as error:
            if is_not_connected(error):
                done["not connected"] += 1
                continue
            failed[f"{kind}: {type(error).__name__} {error}"[:300]] += 1
            continue
        for answer in (me, wrote):
            done[kind] += 1
            if answer.status_code != requests.codes.ok:
                failed[f"{kind}: status {answer.status_code} {answer.text[:200]}"] += 1
        if me.ok and me.json()["user"]["username"] != name:
            failed[f"{kind}: is somebody else"] += 1
        time.sleep(1)


def main() -> None:
    experiment = as_admin("experiments/create", name=f"people {time.time()}").json()["experiment_id"]
    run = as_admin("runs/create", experiment_id=experiment).json()["run"]["info"]["run_id"]
    threads = []
    for number in range(PEOPLE):
        name = f"person-{number}"
        as_admin("users/create", username=name, password=PASSWORD)
        as_admin(
            "users/permissions/grant",
            version="3.0",
            username=name,
            resource_type="experiment",
            resource_id=experiment,
            permission="EDIT",
        )
        session = signed_in(name)
        for kind, used in (("session", session), ("token", token(session))):
            arguments = (kind if number < KEEPING else f"new {kind}", name, run, used)
            threads.append(threading.Thread(target=work, args=arguments, kwargs={"keeps": number < KEEPING}))
    for thread in threads:
        thread.start()
    Path("loading").touch()
    for thread in threads:
        thread.join()
    print(json.dumps({"done": done, "failed": failed}))  # noqa: T201 - read by the test


STOP.unlink(missing_ok=True)
main()

"""A raw client without retries, until the file `stop` appears: every request that does not get its answer is counted.

    load.py HOST PORT KIND...     with USER and PASSWORD in the environment; prints counts as JSON

Kinds: `fresh` makes a connection for each request, `busy` keeps one and asks at once again, `idle` keeps one and asks
every 3 s, `upload` sends an artifact for 20 s. Connections that the server announced to close are not used again.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP = Path("stop")
QUESTION = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default"
UPLOAD = "/api/2.0/mlflow-artifacts/artifacts/e2e/upload.bin"
SECONDS = 20
LIMIT = 90

done: Counter[str] = Counter()
failed: Counter[str] = Counter()
host, port = sys.argv[1], int(sys.argv[2])
login = base64.b64encode(f"{os.environ.get('USER', '')}:{os.environ.get('PASSWORD', '')}".encode()).decode()
HEADERS = {"Authorization": f"Basic {login}"} if os.environ.get("USER") else {}


def connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection(host, port, timeout=LIMIT)


def ask(kind: str, used: http.client.HTTPConnection) -> bool:
    """One request; whether the connection may be used again."""
    try:
        used.request("GET", QUESTION, headers=HEADERS)
        answer = used.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        failed[f"{kind}: {type(error).__name__} {error}"] += 1
        return False
    if answer.status != http.HTTPStatus.OK:
        failed[f"{kind}: status {answer.status}"] += 1
    done[kind] += 1
    return not answer.will_close


def fresh() -> None:
    while not STOP.exists():
        used = connection()
        ask("fresh", used)
        used.close()


def keeping(kind: str, pause: float) -> None:
    used = connection()
    while not STOP.exists():
        if not ask(kind, used):
            used.close()
            used = connection()
        time.sleep(pause)


def body() -> Iterator[bytes]:
    for _ in range(SECONDS * 5):
        yield b"x" * 50_000
        time.sleep(0.2)


def upload() -> None:
    while not STOP.exists():
        used = connection()
        try:
            used.request("PUT", UPLOAD, body=body(), headers=HEADERS, encode_chunked=True)
            answer = used.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                failed[f"upload: status {answer.status}"] += 1
        except (OSError, http.client.HTTPException) as error:
            failed[f"upload: {type(error).__name__} {error}"] += 1
        done["upload"] += 1
        used.close()


RUN = {"fresh": fresh, "busy": lambda: keeping("busy", 0), "idle": lambda: keeping("idle", 3), "upload": upload}

STOP.unlink(missing_ok=True)
threads = [threading.Thread(target=RUN[kind]) for kind in sys.argv[3:]]
for thread in threads:
    thread.start()
Path("loading").touch()
for thread in threads:
    thread.join()
print(json.dumps({"done": done, "failed": failed}))  # noqa: T201 - read by the test

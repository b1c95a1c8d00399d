"""Asks a server through an ingress: run in the client's pod.

    reach.py ADDRESS PORT HOST PATH [ORIGIN]     with PEM, a trusted certificate, in the environment for HTTPS

Prints the status of a search for runs, as MLflow's UI makes it, and `hidden` if the answer does not hold `runs`.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import sys
import time

address, port, host, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
headers = {"Host": host, "Content-Type": "application/json"}
if len(sys.argv) > 5:
    headers["Origin"] = sys.argv[5]


def connect() -> socket.socket:
    """Connect; a node may learn some seconds later than the API that a pod is ready, and refuses until then."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection((address, port), timeout=30)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


raw = connect()
connection = http.client.HTTPConnection(address, port)
connection.sock = raw
if pem := os.environ.get("PEM"):
    connection.sock = ssl.create_default_context(cadata=pem).wrap_socket(raw, server_hostname=host)
connection.request("POST", f"{path}/ajax-api/2.0/mlflow/runs/search", json.dumps({"experiment_ids": ["0"]}), headers)
answer = connection.getresponse()
text = answer.read().decode()
print(answer.status, "" if answer.status != http.HTTPStatus.OK or text.startswith("{") else "hidden")  # noqa: T201

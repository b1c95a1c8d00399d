"""A file up and down through a server, by the stock client: run in a client's pod.

transfer.py STORE      where the server keeps artifacts, a name that this pod must not know
"""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

import mlflow

store = sys.argv[1]
try:
    socket.getaddrinfo(store, None)
except OSError:
    pass
else:
    sys.exit(f"{store} is known here, so nothing would be shown")

mlflow.set_experiment("outside")
with mlflow.start_run() as run, tempfile.TemporaryDirectory() as directory:
    for name, size in (("small.txt", 7_000), ("large.bin", 20 << 20)):
        file = Path(directory, name)
        file.write_bytes(name.encode() * (size // len(name)))
        mlflow.log_artifact(str(file), "files")
    found = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="files"))
    for file in Path(directory).iterdir():
        if file.is_file() and (found / file.name).read_bytes() != file.read_bytes():
            sys.exit(f"{file.name} came back as another")
sys.stdout.write("up and down: both of them\n")

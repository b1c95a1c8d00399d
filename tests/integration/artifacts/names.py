"""MLflow's client, the newest or 2.22.0, with files of awkward names: `names.py log` or `names.py read RUN`.

The server is MLFLOW_TRACKING_URI. It writes JSON; it needs nothing but MLflow.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

NAMES = [
    "growth 50%.txt",
    "metrics:loss.txt",
    "a;b + [c].txt",
    "ä 密码.txt",
    "a%2Fb.txt",
    "C:drive.txt",
    "plot #3.txt",
    "why?.txt",
    "a\\b.txt",
]
STEPS = [2, 23, 65]


def log() -> dict[str, Any]:
    """A run with files of these names, as far as the server takes them, and images; says what became of each."""
    import mlflow

    outcome: dict[str, str | None] = {}
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as directory:
        for name in NAMES:
            file = Path(directory, name)
            file.write_text(name)
            outcome[name] = _logged(lambda file=file: mlflow.log_artifact(str(file), "some folder"))
        for step in STEPS:
            image = _image(step)
            outcome[str(step)] = _logged(lambda step=step, image=image: mlflow.log_image(image, key="face", step=step))
    return {"run": run.info.run_id, "outcome": outcome}


def read(run: str) -> dict[str, str]:
    """All files of the run that are text, downloaded at once, and the steps of its images by what they show."""
    import mlflow

    found = {}
    with tempfile.TemporaryDirectory() as directory:
        root = Path(mlflow.artifacts.download_artifacts(run_id=run, artifact_path="", dst_path=directory))
        for file in (root / "some folder").iterdir():
            found[file.name] = file.read_text()
        for file in (root / "images").glob("*.png"):
            found[str(_shown(file))] = file.name
    return found


def _logged(act: Any) -> str | None:
    try:
        act()
    except Exception as error:  # the test judges it
        return str(error)
    return None


def _image(step: int) -> Any:
    import numpy as np

    return np.full((4, 4, 3), step, dtype=np.uint8)


def _shown(file: Path) -> int:
    import numpy as np
    from PIL import Image

    with Image.open(file) as image:
        return int(np.asarray(image)[0, 0, 0])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(log() if sys.argv[1] == "log" else read(sys.argv[2])))

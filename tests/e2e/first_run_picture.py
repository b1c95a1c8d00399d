"""The picture of README, taken from README's own first runs: `python -m tests.e2e.first_run_picture`, with Chromium."""

from __future__ import annotations

import base64
import html
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.signing_in.chromium import Chromium
from tests.integration.flowship import clean, running

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "first-run.png"
PORT = 5000
SERVER = f"http://127.0.0.1:{PORT}"
CHARTS = f"{SERVER}/#/experiments/0/runs?workflowType=machine_learning&compareRunsMode=CHART"

TOGETHER = """<style>
body {{ margin: 0; padding: 16px; background: #14212b; color: #dfe7ec; font: 14px/1.45 monospace; white-space: pre }}
img {{ display: block; width: 100%; margin-top: 14px; border-radius: 8px }}
</style>{told}<img src="data:image/png;base64,{page}">"""


def main() -> None:
    """Serve on port 5000, log the runs, and draw both the terminal and the page."""
    code = re.search(r"<<'PYTHON'\n(.*?)^PYTHON$", (ROOT / "README.md").read_text(), re.M | re.S)
    assert code
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "flowship-data"
        with running(None, data=data, port=PORT, tables=False, program=True) as server:
            told = server.log().replace(folder, "/home/ann")
            environment = {**clean({}), "MLFLOW_TRACKING_URI": SERVER}
            subprocess.run([sys.executable, "-c", code[1]], env=environment, cwd=folder, check=True)
            draw(told)


def draw(told: str) -> None:
    """Take a picture of the page, and one of the terminal above it."""
    with Chromium() as browser, browser.person(1280, 640) as page:
        page.go(SERVER)  # the first visit opens the page for newcomers, whatever the address
        page.go(CHARTS)
        page.until_text("depth-8", "accuracy")
        page.until("document.querySelectorAll('.plotly').length > 1", "the charts are drawn")
        time.sleep(5)  # their curves are animated
        page.picture(PICTURE)
        shown = base64.b64encode(PICTURE.read_bytes()).decode()
        page.send("Page.navigate", url="about:blank")
        page.looks(1280, 926)
        frame = page.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        content = TOGETHER.format(told=html.escape(f"$ make up\n{told.rstrip()}"), page=shown)
        page.send("Page.setDocumentContent", frameId=frame, html=content)
        page.until("document.images[0].complete", "the picture is there")
        page.picture(PICTURE)


if __name__ == "__main__":
    main()

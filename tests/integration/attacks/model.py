"""A model of the attacker's, as MLflow's assistant asks one: it answers every question with a command for the shell."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.integration.servers.process import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def commanding(command: str) -> Iterator[str]:
    """The address of a model that has this command run, once, then stops talking."""
    call = {"index": 0, "id": "1", "type": "function"}
    call["function"] = {"name": "Bash", "arguments": json.dumps({"command": command})}
    parts: list[Any] = [{"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}]
    done: list[Any] = [{"choices": [{"delta": {"content": "done"}, "finish_reason": "stop"}]}]

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for part in done if b'"tool"' in asked else parts:
                self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Prometheus, as Debian packages it, with one target to scrape."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any, ClassVar

from tests.integration.servers.process import Server, find_program

SCRAPE_EVERY = 0.5
"""Seconds."""


class PrometheusServer(Server):
    """A Prometheus of its own that scrapes `/metrics` of one address on loopback."""

    name = "prometheus"
    user: ClassVar[str | None] = "prometheus"

    def __init__(self, target: str) -> None:
        """`target` is a host and a port."""
        super().__init__()
        self._target = target

    def prepare(self) -> None:
        job = {
            "job_name": "flowship",
            "scrape_interval": f"{int(SCRAPE_EVERY * 1000)}ms",
            "scrape_timeout": f"{int(SCRAPE_EVERY * 1000)}ms",
            "static_configs": [{"targets": [self._target]}],
        }
        configuration = self.directory / "prometheus.yml"
        configuration.write_text(json.dumps({"scrape_configs": [job]}))  # JSON is YAML
        self.own(configuration)

    def command(self) -> list[str]:
        return [
            find_program("prometheus"),
            f"--config.file={self.directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.directory / 'data'}",
            f"--web.listen-address={self.host}:{self.port}",
        ]

    def ask(self) -> None:
        with urllib.request.urlopen(f"http://{self.host}:{self.port}/-/ready", timeout=5):
            pass

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """The labels and the value of each series that the expression finds now."""
        return [(found["metric"], float(found["value"][1])) for found in self._get("query", query=expression)["result"]]

    def value(self, expression: str) -> float:
        """The one value of an expression; 0 when it finds nothing."""
        found = self.query(expression)
        assert len(found) <= 1, found
        return found[0][1] if found else 0.0

    def targets(self) -> list[dict[str, Any]]:
        """What Prometheus says of its targets: `health`, `lastError` and more."""
        return list(self._get("targets")["activeTargets"])

    def _get(self, path: str, **query: str) -> Any:
        url = f"http://{self.host}:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

from __future__ import annotations

from pathlib import Path

from flowship.mlflow_seams.installation import directory
from flowship.mlflow_seams.server import log


def package(name: str) -> Path:
    return directory().joinpath(*name.split(".")[1:]) / "__init__.py"


def test_mlflow_logs_by_these_names_and_words() -> None:
    logger, greeting = log.EXPERIMENTAL

    assert f'    _logger.warning(\n        "{greeting}"\n    )' in package(logger).read_text()
    assert all(package(name).exists() for name in log.QUIET)


def test_mlflow_serves_the_files_of_its_pages_under_this_route() -> None:
    source = (directory() / "server" / "__init__.py").read_text()

    assert f'@app.route(_add_static_prefix("{log.STATIC_FILES}"))\n' in source

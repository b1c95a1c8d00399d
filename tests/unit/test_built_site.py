"""What `make docs` looks for in the site finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.built_site import findings, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def written(site: Path, name: str, text: str) -> None:
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_text(text)


def test_a_site_that_is_whole_has_no_findings(tmp_path: Path) -> None:
    written(
        tmp_path, "index.html", '<link rel="stylesheet" href="a.css"><a href="how/#mend">m</a><a href="#x" id="x">x</a>'
    )
    written(tmp_path, "how/index.html", '<h2 id="mend">Mend</h2><a href="..">b</a><a href="https://mlflow.org/">c</a>')
    written(tmp_path, "a.css", "a { background: url(data:image/png;base64,AA==) }")

    assert findings(tmp_path) == []
    assert main([str(tmp_path)]) == 0


def test_what_leads_nowhere_or_comes_from_elsewhere_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(
        tmp_path, "index.html", '<script src="//cdn.example.com/a.js"></script><a href="no/">n</a><a href="#no">n</a>'
    )
    written(tmp_path, "how/index.html", '<a href="../#none">b</a><img src="no.png">')
    written(
        tmp_path,
        "a.css",
        '@import "https://fonts.example.com/b.css"; a { background: url("http://example.com/c.png") }',
    )

    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "index.html loads //cdn.example.com/a.js, which is not part of the site.",
        "how/index.html links to ../#none, which is not there.",
        "how/index.html links to no.png, which is not there.",
        "index.html links to no/, which is not there.",
        "index.html links to #no, which is not there.",
        "a.css loads https://fonts.example.com/b.css, which is not part of the site.",
        "a.css loads http://example.com/c.png, which is not part of the site.",
    ]


def test_a_folder_without_a_site_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path} holds no site. Run: make docs\n"

"""The site builds without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

pytestmark = pytest.mark.xdist_group("docs")
README_WORDS = 900
# What a browser fetches by itself: by an element, by a stylesheet.
_LOADS = re.compile(
    r'<(?:script|img|iframe|source|audio|video|object|embed)\b[^>]*?\b(?:src|data)="(?:https?:)?//[^"]*"'
    r'|<link\b(?![^>]*rel="(?:canonical|prev|next)")[^>]*?\bhref="(?:https?:)?//[^"]*"'
)
_STYLE_LOADS = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^)"';]*""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages, styles = [*site.rglob("*.html")], [*site.rglob("*.css")]
    assert len(pages) > 30
    assert styles
    texts = {file: file.read_text("utf-8") for file in (*pages, *styles)}
    assert [(file, found[0]) for file in pages for found in _LOADS.finditer(texts[file])] == []
    assert [(file, found[0]) for file, text in texts.items() for found in _STYLE_LOADS.finditer(text)] == []


def test_the_pages_say_nothing_of_how_they_are_made(site: Path) -> None:
    assert [file for file in site.rglob("*") if file.suffix == ".py" or file.name == "hooks"] == []


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= README_WORDS


def test_every_link_of_the_readme_and_contributing_leads_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text("utf-8")):
            assert link.startswith("http") or (ROOT / link.strip()).exists(), f"{name}: {link}"

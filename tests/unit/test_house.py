"""The size of the house: folders, files and functions that a reader can take in at once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tests import ROOT

PACKAGES = ("cleaning", "crawlers", "flows", "output", "tamis", "web")
MAX_MODULES_IN_A_FOLDER, MAX_LINES_IN_A_FILE, MAX_LINES_IN_A_FUNCTION = 16, 300, 50

FILES = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def test_no_folder_holds_more_modules_than_a_reader_takes_in() -> None:
    modules = Counter(file.parent for file in FILES if file.name != "__init__.py")
    crowded = {str(folder): count for folder, count in modules.items() if count > MAX_MODULES_IN_A_FOLDER}
    assert not crowded, "a prefix that modules share is a missing folder"


def test_no_file_is_longer_than_a_reader_takes_in() -> None:
    lines = {str(file): len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES_IN_A_FILE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    assert [name for name, lines in _functions() if lines > MAX_LINES_IN_A_FUNCTION] == []


def _functions() -> Iterator[tuple[str, int]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield f"{file}: {node.name}", node.end_lineno - node.lineno + 1

"""The MkDocs hook that adds the reference pages; each is made from the code that it describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs.hooks import commands, declaration, exit_codes, fields, python_api, rules

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "reference/commands.md": commands.page,
    "reference/declaration.md": declaration.page,
    "reference/exit-codes.md": exit_codes.page,
    "reference/fields.md": fields.page,
    "reference/python-api.md": python_api.page,
    "reference/rules.md": rules.page,
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those that stand in the folder."""
    for path, page in PAGES.items():
        files.append(File.generated(config, path, content=page()))
    return files

"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


class _OutputFile(click.Path):
    """The path of a file that the command writes, in a folder that exists: a mistyped one costs no work."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            folder = click.format_filename(path.parent)
            self.fail(f"there is no folder {folder}; make it, or name another file", param, ctx)
        return path


FILE = _OutputFile(dir_okay=False, path_type=Path)


def sources_folder(help_text: str) -> Callable[[Any], Any]:
    """Return the option `--sources`, a folder of declarations, as the parameter `folder`."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("--sources", "folder", type=folder, metavar="DIR", help=help_text)


def as_json(help_text: str = "Print JSON on standard output.") -> Callable[[Any], Any]:
    """Return the option `--json`, as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)

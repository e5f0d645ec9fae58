"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

FILE = click.Path(dir_okay=False, path_type=Path)


def sources_folder(help_text: str) -> Callable[[Any], Any]:
    """Return the option `--sources`, a folder of declarations, as the parameter `folder`."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return click.option("--sources", "folder", type=folder, metavar="DIR", help=help_text)


def as_json(help_text: str = "Print JSON on standard output.") -> Callable[[Any], Any]:
    """Return the option `--json`, as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)

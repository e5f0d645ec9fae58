"""Commands that need an optional part of Tamis."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from output.base.extras import require

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def needs(*extras: str) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Mark a command as one that needs these extras; without them it ends with how to install them."""

    def marked(command: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @functools.wraps(command)
        def checked(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
            require(click.get_current_context().command_path, *extras)
            return command(*arguments, **options)

        return checked

    return marked

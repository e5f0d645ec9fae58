"""The check for the optional dependencies (extras) that a command needs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from output.base.extras import require

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def needs(*extras: str) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Return a decorator for a command that needs these extras; without them it says how to install them."""

    def marked(command: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        @functools.wraps(command)
        def checked(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
            require(click.get_current_context().command_path, *extras)
            return command(*arguments, **options)

        return checked

    return marked

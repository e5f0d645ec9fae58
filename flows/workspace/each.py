"""Several sources, one after the other: what keeps one from its turn keeps no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from crawlers.declaration.loading import Source
from output.base.errors import StorageError, TamisError


def for_each(sources: Iterable[Source], do: Callable[[Source], int]) -> int:
    """Do it for each source, and give the gravest exit code: what `do` gives, or that of what it raises.

    A source that is busy, held back or cannot be used is told on standard error, and the next has its turn.
    Raises StorageError, which concerns them all.
    """
    code = 0
    for source in sources:
        try:
            code = max(code, do(source))
        except StorageError:
            raise
        except TamisError as error:
            click.echo(f"tamis: {error}", err=True)
            code = max(code, error.exit_code)
    return code

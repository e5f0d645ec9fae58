"""Running several sources, one after the other: the failure of one does not stop the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from crawlers.declaration.loading import Source
from output.base.errors import StorageError, TamisError


def for_each(sources: Iterable[Source], action: Callable[[Source], int]) -> int:
    """Call `action` for each source, and return the highest exit code that it returns or raises.

    A source that is busy, held back or cannot be used gets a line on standard error, and the next one
    follows. Raises StorageError, because damaged storage concerns them all.
    """
    code = 0
    for source in sources:
        try:
            code = max(code, action(source))
        except StorageError:
            raise
        except TamisError as error:
            click.echo(f"tamis: {error}", err=True)
            code = max(code, error.exit_code)
    return code

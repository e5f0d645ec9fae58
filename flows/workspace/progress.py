"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from output.base.escaping import shown

# Seconds between two plain lines, so that the log of hours of work stays readable.
PLAIN_LINE_SECONDS = 10.0


class Step(Protocol):
    """A step of work; called with how much is done, of how much if that is known, and a note."""

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        """Show the progress."""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Show a bar on a terminal; elsewhere a line on standard error every ten seconds, and at the end."""
    if sys.stderr.isatty():
        with _bar(name) as report:
            yield report
    else:
        yield from _plain(name)


def tell(message: str) -> None:
    """Write a message as a line of its own on standard error; a bar moves below it."""
    sys.stderr.write(f"{shown(message, keep='')}\n")
    sys.stderr.flush()


@contextmanager
def _bar(name: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", justify="left"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=None, note="")

        def report(done: int, total: int | None = None, note: str = "") -> None:
            progress.update(task, completed=done, total=total, note=escape(shown(note, keep=""))[:60])

        yield report


def _plain(name: str) -> Iterator[Step]:
    last = time.monotonic()
    state: tuple[int, int | None] = (0, None)

    def report(done: int, total: int | None = None, note: str = "") -> None:
        nonlocal last, state
        state = (done, total)
        if time.monotonic() - last >= PLAIN_LINE_SECONDS:
            last = time.monotonic()
            _line(name, done, total, note)

    yield report
    if state[0]:
        _line(name, *state, "done")


def _line(name: str, done: int, total: int | None, note: str) -> None:
    of = f"/{total}" if total else ""
    sys.stderr.write(f"{name}: {done}{of} {shown(note, keep='')}".rstrip() + "\n")
    sys.stderr.flush()

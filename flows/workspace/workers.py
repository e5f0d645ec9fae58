"""A pool of processes that goes on when a worker is killed, and whose workers never outlive it.

The pool of the standard library is broken for good once a worker is killed, and leaves its workers behind
when its own process is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# Items that a worker gets at once, so that the way to it and back costs little beside the work.
BATCH_ITEMS = 16
# Batches handed out for each worker: enough that none waits while the oldest is not done.
BATCHES_PER_WORKER = 4


def run_in_workers(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    killed: Callable[[Item], Result],
    workers: int,
) -> Iterator[Result]:
    """Yield the result of each item, in their order; `killed(item)` where an item kills its process.

    When a worker is killed, the items that it may have been at are tried one by one, and the others go on in
    a new pool. Raises what `function` raises.
    """
    batches = _batches(items)
    under_way: deque[list[Item]] = deque()
    while True:
        try:
            with _pool(workers) as pool:
                yield from _run_batches(pool, function, batches, under_way, workers * BATCHES_PER_WORKER)
            return
        except BrokenProcessPool:
            pass
        # Batches are begun in their order, so that the killed worker was at one of the oldest.
        for _ in range(min(workers, len(under_way))):
            yield from _run_one_by_one(function, under_way.popleft(), killed)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, BATCH_ITEMS)):
        yield batch


def _run_batches(
    pool: ProcessPoolExecutor,
    function: Callable[[Item], Result],
    batches: Iterator[list[Item]],
    under_way: deque[list[Item]],
    most: int,
) -> Iterator[Result]:
    """Yield the results of batches, at most so many under way; one leaves `under_way` when it is done."""
    futures = deque(pool.submit(_run_batch, function, batch) for batch in under_way)
    while True:
        for batch in islice(batches, most - len(under_way)):
            under_way.append(batch)
            futures.append(pool.submit(_run_batch, function, batch))
        if not futures:
            return
        results = futures.popleft().result()
        under_way.popleft()
        yield from results


def _run_batch(function: Callable[[Item], Result], batch: Sequence[Item]) -> list[Result]:
    return [function(item) for item in batch]


def _run_one_by_one(
    function: Callable[[Item], Result], batch: Iterable[Item], killed: Callable[[Item], Result]
) -> Iterator[Result]:
    left = deque(batch)
    while left:
        try:
            with _pool(1) as pool:
                while left:
                    result = pool.submit(function, left[0]).result()
                    left.popleft()
                    yield result
        except BrokenProcessPool:
            yield killed(left.popleft())


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool whose workers end with the context, and with this process, whatever they are at.

    Each holds one end of a pipe, and ends when the other end closes. Unlike Linux's PR_SET_PDEATHSIG, this
    works on every system, and does not depend on the thread that started the worker.
    """
    context = multiprocessing.get_context("spawn")
    watched, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_end_with_pipe, initargs=(watched,))
    try:
        yield pool
        pool.shutdown()
    finally:
        held.close()
        pool.shutdown(cancel_futures=True)
        watched.close()


def _end_with_pipe(watched: Connection) -> None:
    """Have this worker end when the pipe closes; an interrupt at the terminal is for its parent to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        watched.poll(None)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()

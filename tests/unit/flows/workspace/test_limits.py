"""One page cannot hold a run up: its CPU is bounded, and it ends as failed by name."""

from __future__ import annotations

import signal
import threading

import pytest

from flows.workspace.limits import OutOfTime, cpu_limit


def spin() -> None:
    while True:
        try:
            sum(range(1000))
        except Exception:  # what a parser that mends everything does
            continue


def test_work_without_end_is_ended_and_the_timer_is_put_back() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(OutOfTime), cpu_limit(0.05):
        spin()
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_another_thread_works_without_it() -> None:
    done: list[int] = []

    def work() -> None:
        with cpu_limit(0.0001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done

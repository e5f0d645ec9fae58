"""One crawl, in a process of its own: a Twisted reactor starts once in a process and never again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from crawlers.declaration.loading import Source
from flows.workspace.progress import Step
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, TamisError, UsageError

# A crawler that is told to stop finishes the pages under way; these many seconds later it is killed,
# and the ledger holds what it did not reach.
STOP_SECONDS = 60


def crawl(
    source: Source,
    workspace: Workspace,
    run_id: str,
    progress: Step,
    *,
    limit: int | None = None,
    since: str | None = None,
) -> None:
    """Crawl one source's waiting URLs into archive and ledger; returns when the crawler has ended.

    The crawler reads the declaration from its standard input, so that a file edited meanwhile changes
    nothing, and ends when that pipe closes: with its parent. Raises UsageError and StorageError as the
    crawler named them, KeyboardInterrupt when it was interrupted, and TamisError for any other end: a
    crawl is judged by its ledger, and one that ended otherwise is to be taken up again.
    """
    command = ["crawlers", "--source", "-", "--data", str(workspace.data), "--run", run_id]
    command += ["--limit", str(limit)] if limit is not None else []
    command += ["--since", since] if since is not None else []
    workspace.logs.mkdir(parents=True, exist_ok=True)
    log = workspace.logs / f"{run_id}.log"
    declaration = source.model_dump_json(exclude_defaults=True).encode() + b"\n"
    attend(command, workspace.logs / f"{run_id}.err", progress, given=declaration, log=f"; its log is {log}")


def attend(
    command: Sequence[str], errors: Path, progress: Step, *, given: bytes = b"", log: str = ""
) -> None:
    """Run a module of the crawlers in a process of its own, to its end; `given` is its standard input's line.

    Its standard error goes to the file `errors`, which stays where it failed. Raises what the process named.
    """
    with errors.open("w+b") as stderr:
        with subprocess.Popen(  # noqa: S603 - our own interpreter, and arguments that we made
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
        ) as process:
            try:
                _give(process, given)
                _follow(process, progress)
                code = process.wait()
            except BaseException:
                _stop(process)
                raise
        stderr.seek(0)
        said = stderr.read().decode(errors="replace").strip()
    if code == 0:
        errors.unlink()
        return
    message = said.splitlines()[-1] if said else f"the crawler ended with {code}{log}"
    if code in (130, -signal.SIGINT):
        raise KeyboardInterrupt
    error = {2: UsageError, 4: StorageError}.get(code, TamisError)
    raise error(message.removeprefix("tamis: "))


def _give(process: subprocess.Popen[bytes], given: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe above
    process.stdin.write(given)
    process.stdin.flush()


def _follow(process: subprocess.Popen[bytes], progress: Step) -> None:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe above
    for line in process.stdout:
        try:
            state = json.loads(line)
        except ValueError:
            continue
        progress(state.get("done", 0), state.get("scheduled"), str(state.get("url", "")))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

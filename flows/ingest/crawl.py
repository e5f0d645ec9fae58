"""One crawl, in a process of its own: a Twisted reactor starts once in a process and never again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from crawlers.declaration.loading import Source
from flows.workspace.progress import Step, tell
from flows.workspace.workspace import Workspace
from output.base.errors import StorageError, TamisError, UsageError

# A crawler that gets SIGTERM finishes the pages under way. After so many seconds it is killed; the ledger
# keeps the URLs that it did not reach.
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
    """Crawl one source's waiting URLs into archive and ledger, and return when the crawler has ended.

    The crawler reads the declaration from its standard input, so that an edit of the file changes nothing. It
    ends when that pipe closes, and so with its parent. Raises UsageError and StorageError as the crawler
    named them, KeyboardInterrupt where it was interrupted, and TamisError for any other end: then the same
    command goes on with the crawl.
    """
    command = ["crawlers", "--source", "-", "--data", str(workspace.data), "--run", run_id]
    command += ["--limit", str(limit)] if limit is not None else []
    command += ["--since", since] if since is not None else []
    workspace.logs.mkdir(parents=True, exist_ok=True)
    log = workspace.logs / f"{run_id}.log"
    declaration = source.model_dump_json(exclude_defaults=True).encode() + b"\n"
    errors = workspace.logs / f"{run_id}.err"
    run_crawler(command, errors, progress, stdin=declaration, log=f"; its log is {log}")


def run_crawler(
    command: Sequence[str], errors: Path, progress: Step, *, stdin: bytes = b"", log: str = ""
) -> None:
    """Run a module of the crawlers to its end in a process of its own, and give it `stdin`.

    Its standard error goes to the file `errors`, which is kept where it failed. Raises the error that the
    process named in its last line; `log` is added where it named none.
    """
    with errors.open("w+b") as stderr:
        with subprocess.Popen(  # noqa: S603 - our own interpreter, and arguments that we made
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
        ) as process:
            try:
                _write_stdin(process, stdin)
                _show_progress(process, progress)
                code = process.wait()
            except BaseException:
                _stop(process)
                raise
        stderr.seek(0)
        text = stderr.read().decode(errors="replace").strip()
    if code == 0:
        errors.unlink()
        return
    message = text.splitlines()[-1] if text else f"the crawler ended with exit code {code}{log}"
    if code in (130, -signal.SIGINT):
        raise KeyboardInterrupt
    error_of_code = {2: UsageError, 4: StorageError}
    raise error_of_code.get(code, TamisError)(message.removeprefix("tamis: "))


def _write_stdin(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe above
    process.stdin.write(data)
    process.stdin.flush()


def _show_progress(process: subprocess.Popen[bytes], progress: Step) -> None:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe above
    for line in process.stdout:
        try:
            state = json.loads(line)
        except ValueError:
            continue
        if message := state.get("message"):
            tell(str(message))
            continue
        progress(state.get("done", 0), state.get("scheduled"), str(state.get("url", "")))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

"""Crawls in processes of their own that start at once: forked from one that has everything imported."""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

_START = "import socket; from tests.unit.crawlers.forked import serve; serve(socket.socket(fileno=0))"
# The modules that are started as `python -m`; each has a `main`, whose result is the exit code.
_COMMANDS = ("crawlers", "crawlers.probe")


class Forked:
    """What is used of a subprocess.Popen, for a process that is somebody else's child."""

    def __init__(self, pid: int, pipes: Sequence[IO[Any] | None], status: IO[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes
        self._status = status

    def __enter__(self) -> Forked:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe is not None:
                pipe.close()
        self.wait()

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("crawlers", timeout or 0)
            with self._status:
                self.returncode = int(self._status.readline())
        return self.returncode

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """Close its standard input, and give what it wrote when it has ended."""
        if self.stdin is not None:
            self.stdin.close()
        said = ["", ""]

        def read(number: int, pipe: IO[str]) -> None:
            with pipe:
                said[number] = pipe.read()

        readers = [
            threading.Thread(target=read, args=one, daemon=True)
            for one in enumerate((self.stdout, self.stderr))
        ]
        watchdog = threading.Timer(timeout, self.kill)
        watchdog.start()
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        self.wait()
        watchdog.cancel()
        return said[0], said[1]


class Forks:
    """The process that they are forked from; it starts with the first of them."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, arguments: list[str], code: str = "") -> Forked:
        """Run `python -m crawlers` with those arguments, or that code with them; its pipes are of text."""
        environment = {key: value for key, value in os.environ.items() if key != "TAMIS_CONTACT"}
        return self._fork({"code": code, "arguments": arguments, "environment": environment})

    def popen(self, command: Sequence[str], *, stdin: int, stdout: int, stderr: IO[bytes]) -> Forked:
        """Run `python -m MODULE …` as subprocess.Popen does: pipes of bytes, a file for its errors."""
        _, flag, module, *arguments = command
        assert (flag, module in _COMMANDS) == ("-m", True), f"not a command of the crawlers: {command}"
        assert stdin == stdout == subprocess.PIPE
        request = {"module": module, "arguments": arguments, "environment": dict(os.environ)}
        return self._fork(request, mode="b", errors=stderr)

    def _fork(self, request: dict[str, Any], mode: str = "", errors: IO[bytes] | None = None) -> Forked:
        given, written, status = os.pipe(), os.pipe(), os.pipe()
        told = os.pipe() if errors is None else (None, os.dup(errors.fileno()))
        theirs = [given[0], written[1], told[1], status[1]]
        socket.send_fds(self._running(), [json.dumps(request | {"folder": str(Path.cwd())}).encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        pipes = [
            os.fdopen(given[1], f"w{mode}"),
            os.fdopen(written[0], f"r{mode}"),
            None if told[0] is None else os.fdopen(told[0], f"r{mode}"),
        ]
        opened = os.fdopen(status[0])
        return Forked(int(opened.readline()), pipes, opened)

    def _running(self) -> socket.socket:
        if self._socket is None:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._process = subprocess.Popen([sys.executable, "-c", _START], stdin=theirs.fileno())
            theirs.close()
        return self._socket

    def close(self) -> None:
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait()


def serve(requests: socket.socket) -> None:
    """Fork a crawl a request, and for each a process that waits for it and tells its end."""
    for module in _COMMANDS:
        importlib.import_module(f"{module}.__main__")
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1 << 18, 4)
        if not message:
            return
        monitor = os.fork()
        if monitor == 0:
            _monitor(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(monitor, 0)


def _monitor(request: dict[str, Any], descriptors: list[int]) -> None:
    if os.fork():
        os._exit(0)
    *streams, status = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(status)
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
            os.close(descriptor)
        _run(request)
    for descriptor in streams:
        os.close(descriptor)
    os.write(status, f"{pid}\n".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _run(request: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = ["crawlers", *request["arguments"]]
    ended: object = 1
    try:
        if code := request.get("code"):
            exec(code, {"__name__": "__main__"})
        ended = importlib.import_module(f"{request.get('module', 'crawlers')}.__main__").main()
    except SystemExit as end:
        ended = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    os._exit(int(ended) if isinstance(ended, int) else 1)

"""Crawls in processes of their own that start at once: forked from one that has everything imported."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import IO, Any

_START = "import socket; from tests.unit.crawlers.forked import serve; serve(socket.socket(fileno=0))"


class Forked:
    """What tests use of a subprocess.Popen, for a process that is somebody else's child."""

    def __init__(self, pid: int, pipes: list[IO[str]], status: IO[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin: IO[str] | None
        self.stdin, self.stdout, self.stderr = pipes
        self._status = status

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

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
        with self._status:
            self.returncode = int(self._status.readline())
        watchdog.cancel()
        return said[0], said[1]


class Forks:
    """The process that they are forked from."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        env = {key: value for key, value in os.environ.items() if key != "TAMIS_CONTACT"}
        self._process = subprocess.Popen([sys.executable, "-c", _START], stdin=theirs.fileno(), env=env)
        theirs.close()

    def start(self, arguments: list[str], code: str = "") -> Forked:
        """Run `python -m crawlers` with those arguments, or that code with them."""
        pipes = [os.pipe() for _ in range(4)]  # standard input, output, error, and the status
        theirs = [pipes[0][0], *(write for _, write in pipes[1:])]
        ours = [pipes[0][1], *(read for read, _ in pipes[1:])]
        socket.send_fds(self._socket, [json.dumps([code, arguments]).encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        opened = [os.fdopen(descriptor, mode) for descriptor, mode in zip(ours, "wrrr", strict=True)]
        return Forked(int(opened[3].readline()), opened[:3], opened[3])

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


def serve(requests: socket.socket) -> None:
    """Fork a crawl a request, and for each a process that waits for it and tells its end."""
    import crawlers.__main__ as command

    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1 << 16, 4)
        if not message:
            return
        monitor = os.fork()
        if monitor == 0:
            _monitor(json.loads(message), descriptors, command)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(monitor, 0)


def _monitor(request: list[Any], descriptors: list[int], command: Any) -> None:
    if os.fork():
        os._exit(0)
    *streams, status = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(status)
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
            os.close(descriptor)
        code, arguments = request
        _run(code, arguments, command)
    for descriptor in streams:
        os.close(descriptor)
    os.write(status, f"{pid}\n".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _run(code: str, arguments: list[str], command: Any) -> None:
    sys.argv = ["crawlers", *arguments]
    ended: object = 1
    try:
        if code:
            exec(code, {"__name__": "__main__"})
        ended = command.main()
    except SystemExit as end:
        ended = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    os._exit(int(ended) if isinstance(ended, int) else 1)

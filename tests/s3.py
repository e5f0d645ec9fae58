"""An object store on loopback: moto's S3, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serve_s3() -> Iterator[tuple[str, dict[str, str]]]:
    """The URL of an empty bucket, and the environment by which delta-rs finds it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        _make(f"http://127.0.0.1:{port}/bucket")
        yield (
            "s3://bucket",
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": "tests",
                "AWS_SECRET_ACCESS_KEY": "tests",
                "AWS_REGION": "us-east-1",
            },
        )
    finally:
        server.kill()
        server.wait()


def _make(bucket: str) -> None:
    request = urllib.request.Request(bucket, method="PUT")
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(request).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "moto's server did not start"
            time.sleep(0.1)

"""Bodies, headers and drips without an end: refused near their limit, in little memory."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import brotli
import pytest

from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site

FULL = os.environ.get("TAMIS_FAULTS") == "full"
# The limits of a crawl whose patience is short: bytes of a body, seconds of an answer.
SECONDS = 2
OPENED = 256 * 1024 * 1024

# Runs the crawl, and tells at its end how much memory it had at most, in KiB.
MEASURED = f"""
import re, sys
import crawlers.__main__ as command
import crawlers.settings as settings
settings.TIMEOUT_SECONDS = {SECONDS}
made = settings.settings
command.settings = lambda *given: made(*given) | {{"RETRY_TIMES": 0}}
open("/proc/self/clear_refs", "w").write("5")
code = command.main()
print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read()).group(1), file=sys.stderr)
sys.exit(code)
"""

Squeeze = Callable[[bytes], bytes]


def raw_deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezer.compress(body) + squeezer.flush()


SQUEEZERS: dict[str, Squeeze] = {
    "gzip": lambda body: gzip.compress(body, 6),
    "deflate": lambda body: zlib.compress(body, 6),
    "br": lambda body: brotli.compress(body, quality=1),
}


@cache
def zeros(name: str) -> bytes:
    """256 MB of zeros, once squeezed."""
    if name == "members":
        return gzip.compress(bytes(1024 * 1024), 9) * 256
    if name == "raw":
        return raw_deflate(bytes(OPENED))
    return SQUEEZERS[name](bytes(OPENED))


def mixes() -> dict[str, Page]:
    """Fifty bodies of which each opens to more than the limit, or pretends to."""
    made: dict[tuple[str, ...], bytes] = {(name,): zeros(name) for name in SQUEEZERS}
    for depth in (2, 3):
        for names in itertools.product(SQUEEZERS, repeat=depth):
            made[names] = SQUEEZERS[names[-1]](made[names[:-1]])
    pages = {",".join(names): (", ".join(names), body) for names, body in made.items()}
    pages |= {
        "members": ("gzip", zeros("members")),
        "raw": ("deflate", zeros("raw")),
        "x-gzip": ("x-gzip", zeros("gzip")),
        "upper": ("GZIP", zeros("gzip")),
        "identity,gzip": ("identity, gzip", zeros("gzip")),
        "four": ("gzip, gzip, gzip, gzip", made["gzip", "gzip", "gzip"]),
        "litter": ("gzip", zeros("gzip") + b"litter"),
        "cut": ("gzip", zeros("gzip")[:-1000]),
        "zstd": ("zstd", b"\x28\xb5\x2f\xfd" + bytes(1000)),
        "compress": ("compress", b"\x1f\x9d" + bytes(1000)),
        "not gzip": ("gzip", b"<p>plain"),
    }
    headers = {"Content-Type": "text/html"}
    return {
        f"/laws/{number}": Page(body, headers={**headers, "Content-Encoding": encodings})
        for number, (encodings, body) in enumerate(pages.values(), 1)
    }


class Endless(Site):
    """A site some of whose answers do not end."""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        made = ENDLESS.get(handler.path)
        if made is None:
            return super().answer(handler)
        self.times[handler.path] = time.monotonic()
        handler.close_connection = True
        try:
            for piece, pause in made():
                handler.wfile.write(piece)
                handler.wfile.flush()
                if pause and self.stopping.wait(pause):
                    return None
        except OSError:
            return None


def _forever(head: bytes, piece: bytes, pause: float) -> Callable[[], Iterator[tuple[bytes, float]]]:
    return lambda: itertools.chain([(head, 0.0)], itertools.repeat((piece, pause)))


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
ENDLESS = {
    "/laws/101": _forever(_OK + b"\r\n", b"x" * 65536, 0),
    "/laws/102": _forever(_OK + b"Transfer-Encoding: chunked\r\n\r\n", _CHUNK, 0),
    "/laws/103": _forever(_OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536, 0),
    "/laws/104": _forever(_OK, b"X-Filler: " + b"y" * 1000 + b"\r\n", 0),
    "/laws/105": _forever(_OK + b"X-One: ", b"z" * 8192, 0),
    "/laws/106": _forever(b"HTTP/1.1 200 ", b"so it is ", 0),
    "/laws/107": _forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0),
    "/laws/108": _forever(_OK + b"\r\n", b"d", 0.05),
    "/laws/109": _forever(_OK, b"X-Drip: d\r\n", 0.05),
    "/laws/110": _forever(b"", b"", 0.05),
    "/laws/111": _forever(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nd\r\n", 0.05),
    "/laws/112": _forever(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0", 0.0),
}


def bombed(folder: Path, forks: Forks, bombs: dict[str, Page], endless: list[str]) -> None:
    site = Endless()
    crawls = Crawls(folder, site, forks)
    try:
        site.html("/laws/0", "<p>A page.")
        site.listing("/laws/", ["/laws/0"])
        idle = int(crawls.crawl(code=MEASURED).split()[-1])
        crawls.finish()
        site.pages |= bombs
        site.listing("/laws/", [*bombs, *endless])
        process = crawls.start(code=MEASURED)
        late = {}
        assert process.stdout
        for line in process.stdout:
            path = str(json.loads(line)["url"]).removeprefix(site.url)
            late[path] = time.monotonic() - site.times.get(path, time.monotonic())
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        crawls.check()
        outcomes = crawls.outcomes()
    finally:
        crawls.close()
        site.close()
    more = int(errors.split()[-1]) - idle
    refused = {"refused: size", "failed: bad_encoding", "failed: truncated", "failed: timeout",
               "failed: connection"}  # fmt: skip
    wrong = [
        f"{path}: {outcomes[path]} after {late[path]:.1f} s"
        for path in [*bombs, *endless]
        if outcomes[path] not in refused or (FULL and late[path] > SECONDS * (path in endless) + 1.5)
    ]
    tried = len(bombs) + len(endless)
    row(f"bombs, endless answers and drips ({more // 1024} MB above idle)", tried - len(wrong), tried)
    assert not wrong
    assert more <= 64 * 1024


def test_a_few_bombs_are_refused_in_little_memory(tmp_path: Path, forks: Forks) -> None:
    page = {"Content-Type": "text/html"}
    bombs = {
        f"/laws/{number}": Page(body, headers={**page, "Content-Encoding": name})
        for number, (name, body) in enumerate(
            [
                ("gzip", gzip.compress(bytes(64 * 1024 * 1024), 1)),
                ("deflate", raw_deflate(bytes(32 * 1024 * 1024))),
                ("br", brotli.compress(bytes(64 * 1024 * 1024), quality=1)),
                ("gzip, br", brotli.compress(gzip.compress(bytes(64 * 1024 * 1024), 1), quality=1)),
            ],
            1,
        )
    }
    bombed(tmp_path, forks, bombs, ["/laws/101", "/laws/104", "/laws/105", "/laws/108"])


@pytest.mark.slow
def test_all_mixes_are_refused_near_their_limit(tmp_path: Path, forks: Forks) -> None:
    bombs = mixes()
    assert len(bombs) == 50
    bombed(tmp_path, forks, bombs, list(ENDLESS))

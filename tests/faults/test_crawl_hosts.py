"""Twenty hosts at once, a page in ten hostile: all is accounted for, in flat memory, at each host's pace."""

from __future__ import annotations

import gzip
import itertools
import os
import re
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.hosts import NAMED, asked
from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site

FULL = os.environ.get("TAMIS_FAULTS") == "full"
DELAY = 0.02

HTML = {"Content-Type": "text/html"}
HOSTILE = [
    Page(gzip.compress(bytes(64 * 1024 * 1024)), headers={**HTML, "Content-Encoding": "gzip"}),
    Page(b"", 302, {"Location": "http://169.254.169.254/latest/"}),
    Page(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<p>cut"),
    Page(raw=b""),
    Page(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 0123456789012345\r\n" * 20_000),
    Page(b"x" * (17 * 1024 * 1024), headers=HTML),
    Page(b"\xff\xfe" * 2000 + b"<p>\x00\x1b[2J", headers={"Content-Type": "text/html; charset=x-none"}),
    Page(b"", 302, {"Location": "/laws/../../%2e%2e/etc"}),
    Page(b"<div>" * 100_000, headers=HTML),
    Page(b"nothing", 500),
]
TOLD = {"gone", "pending", "refused: size", "rejected: moved", "failed: truncated", "failed: connection",
        "failed: http_500"}  # fmt: skip


def crowded(folder: Path, forks: Forks, hosts: int, pages: int) -> None:
    site = Site()
    crawls = Crawls(folder, site, forks)
    names = [f"http://host-{n}.localhost:{site.server.server_port}" for n in range(hosts)]
    each = [f"/laws/{n}" for n in range(pages // hosts)]
    hostile = itertools.cycle(HOSTILE)
    for n, path in enumerate(each):
        if n % 10 == 3:
            site.pages[path] = next(hostile)
        else:
            site.html(path, f"<p>The text of {path}. " + "All of it. " * 2000)
    site.listing("/laws/", each)
    memory: list[int] = []
    try:
        crawls.declare(
            start=[f"{name}/laws/" for name in names],
            hosts=[name.removeprefix("http://") for name in names],
            delay=DELAY,
        )
        process = crawls.start(code=NAMED)
        watcher = threading.Thread(target=_watch, args=(process.pid, memory), daemon=True)
        watcher.start()
        _, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        crawls.check()
        outcomes = crawls.outcomes()
    finally:
        crawls.close()
        site.close()
    wanted = [name + path for name in names for path in each]
    accounted = [url for url in wanted if outcomes[url] in TOLD]
    moments = asked(errors)
    gaps = [b - a for times in moments.values() for a, b in itertools.pairwise(times)]
    broken = sum(gap < DELAY * 0.99 for gap in gaps)
    most, settled = max(memory) // 1024, max(memory[len(memory) // 2 :]) - max(memory[: len(memory) // 2])
    row(
        f"{hosts} hosts, one page in ten hostile, at most {most} MB: accounted for",
        len(accounted),
        len(wanted),
    )
    row(f"{hosts} hosts, requests no closer than the delay", len(gaps) - broken, len(gaps))
    assert len(accounted) == len(wanted), Counter(
        outcomes[url] for url in wanted if outcomes[url] not in TOLD
    )
    assert broken == 0
    assert len(moments) == hosts
    assert most < 600
    assert settled < 64 * 1024, f"the second half took {settled // 1024} MB more than the first"


def _watch(pid: int, memory: list[int]) -> None:
    """The resident memory of a process while it lives, in KiB."""
    while True:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        if found := re.search(r"VmRSS:\s*(\d+)", status):
            memory.append(int(found.group(1)))
        time.sleep(0.1)


def test_four_hosts_are_accounted_for(tmp_path: Path, forks: Forks) -> None:
    crowded(tmp_path, forks, 4, 80)


@pytest.mark.slow
def test_twenty_hosts_are_accounted_for(tmp_path: Path, forks: Forks) -> None:
    crowded(tmp_path, forks, 20, 4000 if FULL else 1000)

"""Many small sites on loopback, each on an address of its own, one page in ten hostile.

`python -m tests.soak.hosts HOSTS PAGES PORT` serves them until standard input closes. A line there, "1" or
"2", chooses the edition: in the second, two pages in a hundred have changed.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from tests import ROOT
from tests.faults.test_crawl_hosts import HOSTILE
from tests.processes import until
from tests.unit.crawlers.rig import Page

HOSTILE_EVERY, HOSTILE_AT = 10, 3
CHANGED_EVERY, CHANGED_AT = 50, 7
# So many pages in a hundred say word for word what a page of the host before says.
COPIED_EVERY, COPIED_AT = 20, 9
SECOND_EDITION = "As amended by the second edition"
HTML = {"Content-Type": "text/html; charset=utf-8"}

_WORDS = ["".join(random.Random(n).choices("aeioubcdfglmnprst", k=n % 8 + 3)) for n in range(3000)]
_SUBJECTS = ["Harbour", "Ferry", "Quay", "Market", "Bridge", "Lamp", "Well", "Weir", "Mill", "Ropewalk"]
_FORMS = ["Dues Order", "Safety Rules", "Licence Regulations", "Tolls Act", "Inspection Notice"]
_MENU = "".join(f'<li><a href="/part/{n}">{_SUBJECTS[n % 10]} {n}</a></li>' for n in range(20))
_FRAME = """<!doctype html><html lang=en><head><meta charset=utf-8><title>{title} | Register</title></head>
<body><div class=cookie>We use cookies to make this site work. <a href=/c>Accept</a></div>
<nav><ul>{menu}</ul></nav>
<main><article><h1>{title}</h1><p class=date>{day}</p>{body}</article>
<div class=share><a href=/s>Share</a> <a href=/p>Print</a></div>
<aside><h2>Related</h2><ul>{related}</ul></aside></main>
<footer>© Register of laws</footer></body></html>"""


@dataclass(frozen=True)
class Hosts:
    """The sites: their addresses, and what each page of them must come to."""

    hosts: int
    pages: int
    port: int

    @cached_property
    def addresses(self) -> list[str]:
        return [f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(self.hosts)]

    @cached_property
    def listings(self) -> list[str]:
        return [f"http://{address}:{self.port}/laws/" for address in self.addresses]

    def urls(self, kind: str = "all") -> Iterator[str]:
        """The URLs of the pages that are "good", "hostile", "changed" in the second edition, or "all"."""
        for host, listing in enumerate(self.listings):
            for number in range(self.pages):
                is_hostile = number % HOSTILE_EVERY == HOSTILE_AT
                is_changed = not is_hostile and _is_changed(host * self.pages + number)
                if kind == "all" or {"good": not is_hostile, "hostile": is_hostile}.get(kind, is_changed):
                    yield f"{listing}{number}"

    def page(self, host: int, path: str, edition: int) -> Page:
        """What a host answers."""
        if path == "/laws/":
            return Page(_listing(self.pages), headers=HTML)
        name = path.removeprefix("/laws/")
        if path == name or not name.isdecimal() or int(name) >= self.pages:
            return Page(b"no such page", 404)
        number = int(name)
        index = host * self.pages + number
        if number % HOSTILE_EVERY == HOSTILE_AT:
            return HOSTILE[index // HOSTILE_EVERY % len(HOSTILE)]
        is_copy = number % COPIED_EVERY == COPIED_AT and not _is_changed(index)
        body = _law(index - self.pages if is_copy and host % 2 else index, edition)
        return Page(body, headers=HTML, etag=f'"{zlib.crc32(body)}"')


def _is_changed(index: int) -> bool:
    return index % CHANGED_EVERY == CHANGED_AT


def _listing(pages: int) -> bytes:
    links = "".join(f'<li><a href="/laws/{number}">Law {number}</a>' for number in range(pages))
    return f"<!doctype html><title>Laws</title><h1>Laws</h1><ul>{links}</ul>".encode()


def _law(index: int, edition: int) -> bytes:
    """A law of some dozen articles, in a frame of menus, a cookie notice, a share bar and related pages."""
    chance = random.Random(index)
    title = f"{chance.choice(_SUBJECTS)} {chance.choice(_FORMS)} No. {index + 1} of {1990 + index % 35}"
    articles = [" ".join(chance.choices(_WORDS, k=45)) for _ in range(chance.randint(8, 16))]
    if edition == 2 and _is_changed(index):
        articles[2] = f"{SECOND_EDITION}, {articles[3]}"
    links = [f'<li><a href="/part/{n}">{" ".join(chance.choices(_WORDS, k=5))}</a></li>' for n in range(6)]
    body = "".join(f"<p>Article {n}. {text.capitalize()}.</p>" for n, text in enumerate(articles, 1))
    day = f"3 May {1990 + index % 35}"
    page = _FRAME.format(title=title, menu=_MENU, day=day, body=body, related="".join(links))
    return page.encode()


class Server:
    """The sites in a process of their own; a context that serves them."""

    def __init__(self, hosts: int, pages: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.sites = Hosts(hosts, pages, probe.getsockname()[1])

    def __enter__(self) -> Server:
        sizes = [str(size) for size in (self.sites.hosts, self.sites.pages, self.sites.port)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.hosts", *sizes],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._process.stdout
        until(lambda: self._process.stdout.readline() == "serving\n", "the sites")  # type: ignore[union-attr]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def serve_edition(self, edition: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{edition}\n")
        self._process.stdin.flush()


async def _serve(sites: Hosts) -> None:
    edition = 1

    def read_editions() -> None:
        nonlocal edition
        for line in sys.stdin:
            edition = int(line)
        os._exit(0)

    async def answer(host: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                page = sites.page(host, head.split()[1], edition)
                writer.write(_response(page, head))
                await writer.drain()
                if page.raw is not None:
                    break
        writer.close()

    threading.Thread(target=read_editions, daemon=True).start()
    for number, address in enumerate(sites.addresses):
        handler = lambda reader, writer, host=number: answer(host, reader, writer)  # noqa: E731
        await asyncio.start_server(handler, address, sites.port)
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _response(page: Page, head: str) -> bytes:
    if page.raw is not None:
        return page.raw
    is_known = page.etag and f"if-none-match: {page.etag}" in head.lower()
    status, body = (304, b"") if is_known else (page.status, page.body)
    headers = {**page.headers, "Content-Length": str(len(body)), **({"ETag": page.etag} if page.etag else {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(_serve(Hosts(*map(int, sys.argv[1:]))))

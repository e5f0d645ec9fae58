"""Answers that browsers take are taken, and those that no browser takes are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.crawlers.rig import Page

if TYPE_CHECKING:
    from tests.unit.crawlers.rig import Crawls, Site

BODY = b"<!doctype html><title>Lamps</title><p>The lamps are lit at dusk."
LENGTH = b"Content-Length: %d" % len(BODY)
SIZE = b"%x" % len(BODY)


def answer(*head: bytes, status: bytes = b"HTTP/1.1 200 OK", body: bytes = BODY) -> bytes:
    return b"\r\n".join((status, *head, b"", body))


def chunked(encoding: bytes = b"chunked", *, size: bytes = SIZE, last: bytes = b"0") -> bytes:
    chunks = b"\r\n".join((size, BODY, last, b"", b""))
    return answer(b"Transfer-Encoding: " + encoding, body=chunks)


TAKEN = {
    "charset as encoding": answer(b"Content-Encoding: UTF-8", LENGTH),
    "type as encoding": answer(b"Content-Encoding: text/html", LENGTH),
    "store as encoding": answer(b"Content-Encoding: aws-chunked,none", LENGTH),
    "identity": answer(b"Transfer-Encoding: identity", LENGTH),
    "identity to the end": answer(b"Transfer-Encoding: identity"),
    "chunked twice": chunked(b"Chunked, chunked"),
    "padded chunk size": chunked(size=SIZE + b"   ", last=b"0  "),
    "odd extension": chunked(size=SIZE + b" ;\xe4=\x01"),
    "chunks without CR": chunked().replace(b"\r", b""),
    "space before the colon": answer(b"Content-Type : text/html", b"Content-Length : %d" % len(BODY)),
    "space before the first name": answer(b" Content-Type: text/html", LENGTH),
    "a line that is no header": answer(b"lamps", LENGTH),
    "spaces in the status line": answer(LENGTH, status=b"HTTP/1.1  200   OK"),
    "no phrase": answer(LENGTH, status=b"HTTP/1.1 200"),
    "odd version": answer(LENGTH, status=b"HTTP/1 200 OK"),
    "no length": answer(b"Content-Length: "),
    "no type": answer(LENGTH),
}
NOT_TAKEN = {
    "not gzip": (answer(b"Content-Encoding: gzip", LENGTH), "bad_encoding"),
    "not asked for": (answer(b"Content-Encoding: compress", LENGTH), "bad_encoding"),
    "cut": (chunked()[: -len(BODY) // 2], "truncated"),
}


def test_answers_end_as_browsers_take_them(site: Site, crawls: Crawls) -> None:
    answers = [*TAKEN.values(), *(raw for raw, _ in NOT_TAKEN.values())]
    paths = [f"/laws/{number}" for number in range(len(answers))]
    crawls.declare(discover="urls", start=[site.url + path for path in paths])
    site.pages |= {path: Page(raw=raw) for path, raw in zip(paths, answers, strict=True)}

    crawls.crawl()

    crawls.check()
    names = dict(zip(paths, [*TAKEN, *NOT_TAKEN], strict=True))
    outcomes = {names[path]: outcome for path, outcome in crawls.outcomes().items()}
    expected = dict.fromkeys(TAKEN, "pending")
    assert outcomes == expected | {name: f"failed: {reason}" for name, (_, reason) in NOT_TAKEN.items()}
    sizes = {names[path]: visit.body_bytes for path, visit in crawls.visits().items()}
    assert {name: sizes[name] for name in TAKEN} == dict.fromkeys(TAKEN, len(BODY))

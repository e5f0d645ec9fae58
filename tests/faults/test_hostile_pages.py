"""Pages that try a cleaner's patience: each takes bounded time and memory, and no word leaves unseen."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator

import pytest

from cleaning.pipeline import clean
from output.base.records import RawPage, sha256_hex
from tests.faults.memory import peak_kib, reset_peak
from tests.faults.rows import row

SECONDS, MEGABYTES = 2.0, 512
KEPT = "The harbour master reads the list of boats aloud on the first day of each month."
HEAD = "<!doctype html><html><head><title>Harbour rules</title></head><body>"
PARAGRAPH = f"<p>{KEPT}</p>"
# The warnings that name what was cut, or put together unjudged.
CUTS = ("attributes_cut", "nesting_cut", "size_cut")

Make = Callable[[int], str | bytes]


def _each(piece: str) -> Make:
    return lambda n: HEAD + PARAGRAPH + "".join(piece.format(i) for i in range(n)) + PARAGRAPH


def _rows(cell: str) -> Make:
    return lambda n: HEAD + PARAGRAPH + "<table><tr>" + "".join(cell.format(i) for i in range(n)) + "</table>"


def _nested(tag: str) -> Make:
    return lambda n: HEAD + f"<{tag}>" * n + PARAGRAPH + f"</{tag}>" * n


def _line(piece: str) -> Make:
    return lambda n: HEAD + PARAGRAPH + "<p>" + piece * (n // len(piece.encode()))


# Each makes a page of so many elements, attributes or bytes: in full, or the quick share of it.
PAGES: dict[str, tuple[int, int, Make]] = {
    "nested elements": (100_000, 6_000, _nested("div")),
    "nested lists": (100_000, 6_000, _nested("ul><li")),
    "nested inline elements": (100_000, 6_000, _nested("b")),
    "attributes": (
        100_000,
        5_000,
        lambda n: HEAD + "<p " + " ".join(f"a{i}=v" for i in range(n)) + f">{KEPT}",
    ),
    "attributes without values": (
        100_000,
        5_000,
        lambda n: HEAD + "<p " + " ".join(f"a{i}" for i in range(n)) + f">{KEPT}",
    ),
    "paragraphs": (200_000, 2_000, _each("<p>{}")),
    "links": (200_000, 2_000, _each("<a href=/{0}>{0}</a> ")),
    "items": (200_000, 2_000, _each("<li>{}")),
    "line breaks": (200_000, 2_000, _each("{}<br>")),
    "cells": (200_000, 2_000, _rows("<td>{}")),
    "headings": (100_000, 2_000, _each("<h2>{}</h2>")),
    "sentences": (50_000, 2_000, _each("<p>" + KEPT + " {}")),
    "articles": (50_000, 2_000, _each("<p>第{}条 渔港由渔政机构管理。")),
    "a line": (50_000_000, 500_000, _line(KEPT + " ")),
    "a line of hanzi": (50_000_000, 500_000, _line("渔港由渔政机构管理，")),
    "a word": (50_000_000, 500_000, _line("x")),
    "NULs": (5_000_000, 50_000, lambda n: HEAD + PARAGRAPH + f"<p>{KEPT}\0" * (n // 100) + PARAGRAPH),
    "lone surrogates": (
        5_000_000,
        50_000,
        lambda n: (HEAD + PARAGRAPH).encode() + b"<p>\xed\xa0\x80" * (n // 6) + PARAGRAPH.encode(),
    ),
    "base64 in an image": (
        30_000_000,
        300_000,
        lambda n: HEAD + f"<img src='data:image/png;base64,{'QUJD' * (n // 4)}'>" + PARAGRAPH * 3,
    ),
    "base64 in a script": (
        30_000_000,
        300_000,
        lambda n: HEAD + f"<script>a='{'QUJD' * (n // 4)}'</script>" + PARAGRAPH * 3,
    ),
    "base64 in the text": (30_000_000, 300_000, _line("QUJD")),
    "two documents": (2, 2, lambda n: (HEAD + PARAGRAPH * 3 + "</body></html>\n") * n),
}
DUMPS: dict[str, tuple[int, int, Make]] = {
    "lines of a dump": (100_000, 2_000, lambda n: "\n".join(f"{i} {KEPT}" for i in range(n))),
    "posts of a dump": (
        1_000,
        500,
        lambda n: "\n".join(f"Title {i}\nPosted on May 3, 2019 by Anna\n{KEPT}" for i in range(n)),
    ),
}


def _page(made: str | bytes, media: str) -> RawPage:
    body = made if isinstance(made, bytes) else made.encode()
    url, headers = "https://harbour.example/rules", (("content-type", media),)
    return RawPage("page", "", url, body, sha256_hex(body), headers=headers)


def _unseen(page: RawPage) -> list[str]:
    """The words of a page's text that neither documents nor receipts hold, where no warning says so."""
    cleaned = clean(page)
    words = " ".join(
        [*(f"{d.title} {d.text}" for d in cleaned.documents), *(r.text for r in cleaned.removals)]
    )
    said = [warning for document in cleaned.documents for warning in document.warnings]
    said += [cleaned.rejection.evidence] if cleaned.rejection else []
    if any(cut in warning for cut in CUTS for warning in said):
        return []
    source = re.sub(
        r"(?s)<head>.*?</head>|<script>.*?</script>|<[^>]*>", " ", page.body.decode(errors="replace")
    )
    return sorted(set(re.findall(r"\w+", source)) - set(re.findall(r"\w+", words)))[:5]


def _cases() -> Iterator[tuple[str, str, tuple[int, int, Make]]]:
    yield from ((name, "text/html", case) for name, case in PAGES.items())
    yield from ((name, "text/plain", case) for name, case in DUMPS.items())


@pytest.mark.parametrize(("media", "case"), [pytest.param(*case, id=name) for name, *case in _cases()])
def test_no_word_of_a_hostile_page_leaves_unseen(media: str, case: tuple[int, int, Make]) -> None:
    _, quick, make = case
    assert _unseen(_page(make(quick), media)) == []


@pytest.mark.slow
def test_hostile_pages_take_bounded_time_and_memory() -> None:
    clean(_page(HEAD + PARAGRAPH * 20, "text/html"))
    wrong, tried = [], 0
    for name, media, (size, _, make) in _cases():
        page = _page(make(size), media)
        seconds, megabytes, unseen = _measured(page)
        tried += 1
        row(f"{name}: {seconds:.1f} s, {megabytes} MB", int(not unseen), 1)
        if unseen or megabytes > MEGABYTES:
            wrong.append(f"{name}: {seconds:.1f} s, {megabytes} MB {unseen}")
    row(f"hostile pages in {MEGABYTES} MB, no word unseen", tried - len(wrong), tried)
    assert not wrong


def _measured(page: RawPage) -> tuple[float, int, str]:
    """CPU seconds and MB above idle of a page's cleaning, and its unseen words, in a process of its own."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        reset_peak()
        idle, before = peak_kib(), time.process_time()
        clean(page)
        seconds, more = time.process_time() - before, peak_kib() - idle
        os.write(writer, f"{seconds}\n{more // 1024}\n{' '.join(_unseen(page))}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        seconds_, megabytes, unseen = answer.read().split("\n")
    os.waitpid(child, 0)
    return float(seconds_), int(megabytes), unseen

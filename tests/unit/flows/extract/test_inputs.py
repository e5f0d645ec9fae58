"""What people hand to `tamis extract`, and what it may not overwrite: nothing is lost without a word."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cleaning.pipeline import clean
from flows.commands.dedupe import dedupe_file
from flows.explain.find import find
from flows.extract.extract import Tally, extract
from flows.extract.inputs import InputUnreadable
from output.base.errors import StorageError, UsageError
from output.base.records import RawPage, sha256_hex

WORDS = "".join(
    f"<p>Section {n}. The harbour master keeps the register of vessels {n}.</p>" for n in range(9)
)
PAGE = f"<html><body><main><h1>Harbour rules</h1>{WORDS}</main></body></html>"


def extracted(folder: Path, *paths: Path) -> tuple[Tally, list[dict[str, Any]]]:
    output = folder / "documents.jsonl"
    tally = extract(paths, output, None, lambda *_: None)
    return tally, [json.loads(line) for line in output.read_text("utf-8").splitlines()]


def lines(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "pages.jsonl"
    path.write_text("".join(json.dumps({"html": PAGE} | row) + "\n" for row in rows), "utf-8")
    return path


def test_what_a_folder_holds_beside_pages_is_counted(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    for name in ("a.html", "b.HTM", "style.css", "print.css", "whole.mhtml", "laws?id=7", "index.php?id=3"):
        (saved / name).write_text(PAGE)
    (saved / "elsewhere").symlink_to(tmp_path)
    (saved / "gone.html").symlink_to("nowhere.html")
    tally, documents = extracted(tmp_path, saved)
    assert [document["input_id"] for document in documents] == [str(saved / "a.html"), str(saved / "b.HTM")]
    kinds = {".css": 2, ".mhtml": 1, "without an ending": 1, ".php": 1, "link to a folder": 1}
    assert tally.skipped == Counter(kinds)
    assert [(place.where, place.why) for place in tally.unreadable] == [
        (str(saved / "gone.html"), "neither a file nor a link to one")
    ]


def test_records_of_a_warc_without_a_page_of_their_own_are_counted(tmp_path: Path) -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    blocks = {"response": http + PAGE.encode(), "revisit": http, "conversion": b"text", "metadata": b"x: y"}
    records = [
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://pier.example/{kind}\r\n"
        f"WARC-Date: 2024-03-02T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n".encode()
        + block
        + b"\r\n\r\n"
        for kind, block in blocks.items()
    ]
    (tmp_path / "saved.warc").write_bytes(b"".join(records))
    tally, _ = extracted(tmp_path, tmp_path / "saved.warc")
    assert (tally.pages, tally.documents) == (1, 1)
    assert "skipped in WARCs, records without a page of their own: 1 revisit, 1 conversion" in list(
        tally.lines(tmp_path)
    )


def test_a_record_of_a_warc_without_a_readable_url_costs_itself(tmp_path: Path) -> None:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode()
    records = [
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 0000-03-02T10:00:00Z\r\n"
        f"WARC-Tamis-Body: nowhere\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(block)}\r\n\r\n".encode()
        + block
        + b"\r\n\r\n"
        for url in ("http://[::1", "http://pier.example/rules")
    ]
    (tmp_path / "saved.warc").write_bytes(b"".join(records))
    tally, documents = extracted(tmp_path, tmp_path / "saved.warc")
    assert [document["url"] for document in documents] == ["http://pier.example/rules"]
    assert tally.unreadable == [
        InputUnreadable(str(tmp_path / "saved.warc"), "http://[::1: not a URL: its host cannot be read")
    ]


def test_a_line_without_an_id_is_called_by_its_place(tmp_path: Path) -> None:
    path = lines(tmp_path, {}, {"id": None}, {"id": ""}, {"id": 7}, {"id": True}, {"id": {"a": 1}})
    tally, documents = extracted(tmp_path, path)
    assert [document["input_id"] for document in documents] == [*(f"{path}:{n}" for n in (1, 2, 3)), "7"]
    assert len({document["id"] for document in documents}) == 4
    assert [(place.where, place.why) for place in tally.unreadable] == [
        (f"{path}:{n}", "id is neither a string nor a whole number") for n in (5, 6)
    ]


def test_a_page_that_is_given_twice_gives_two_documents_that_dedupe_relates(tmp_path: Path) -> None:
    path = lines(tmp_path, *({"id": n, "url": "http://pier.example/rules"} for n in range(3)))
    _, documents = extracted(tmp_path, path)
    ids = [document["id"] for document in documents]
    assert len(set(ids)) == 3
    assert [document["warnings"] for document in documents] == [
        [],
        ["address_repeated"],
        ["address_repeated"],
    ]
    counts = dedupe_file(tmp_path / "documents.jsonl", tmp_path / "relations.jsonl")
    assert counts == {"documents": 3, "same": 2}
    assert [document["id"] for document in extracted(tmp_path, path)[1]] == ids


def test_nothing_that_is_read_or_written_is_written_over(tmp_path: Path) -> None:
    path = lines(tmp_path, {"id": 1})
    before = path.read_bytes()
    for given, output, removals in (
        ([path], path, None),
        ([tmp_path], tmp_path / "other.jsonl", path),
        ([path], tmp_path / "one.jsonl", tmp_path / "." / "one.jsonl"),
    ):
        with pytest.raises(UsageError, match="name another"):
            extract(given, output, removals, lambda *_: None)
    with pytest.raises(UsageError, match="name another"):
        dedupe_file(path, tmp_path / "." / path.name)
    with pytest.raises(StorageError, match="cannot write"):
        dedupe_file(path, tmp_path / "nowhere" / "relations.jsonl")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["pages.jsonl"]


MAIL = b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=x\r\n\r\n"


@pytest.mark.parametrize("name", ["a.html", "a.txt"])
def test_a_page_saved_as_mail_is_told_by_its_first_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(MAIL + PAGE.replace("=", "=3D").encode())
    tally, documents = extracted(tmp_path, path)
    assert (documents, tally.rejected) == ([], Counter(not_html=1))
    explained = find(tmp_path, str(path))
    assert (explained.rejection, explained.pieces) == ("not_html: multipart/related", ())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.html: no such file"):
        find(tmp_path, str(tmp_path / "none.html"))


def test_a_page_that_says_there_is_none_is_none(tmp_path: Path) -> None:
    gone = f"<title>Page not found - Harbour</title>{PAGE}"
    path = lines(
        tmp_path, {"id": 1, "html": gone}, {"id": 2, "html": f"<title>Pages not found</title>{PAGE}"}
    )
    tally, documents = extracted(tmp_path, path)
    assert [document["input_id"] for document in documents] == ["2"]
    assert tally.rejected == Counter(soft_404=1)


@pytest.mark.parametrize("status", [206, 301, 404, 500])
def test_an_answer_that_says_it_is_not_the_page_is_none(status: int) -> None:
    body = PAGE.encode()
    cleaned = clean(RawPage("a", "", "http://pier.example/a", body, sha256_hex(body), status=status))
    assert cleaned.rejection is not None
    assert cleaned.rejection.reason == f"http_{status}"
    assert not cleaned.documents

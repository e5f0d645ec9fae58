"""Bodies of which `clean` makes no document, and the reason for each."""

from __future__ import annotations

import dataclasses

import pytest

from cleaning import pipeline
from cleaning.pipeline import Directives, clean
from output.base.records import RawPage, RemovalKind, sha256_hex

URL = "https://harbour.example/rules/7.html"
PAGE = (
    "<html><title>Boats</title><body><h1>Boats</h1><p>The boats are counted every spring by two clerks.</p>"
)
MISSING = (
    "<html><title>404 Not Found</title><body><h1>Not Found</h1><p>No such rule on this server.</p></body>"
)


def raw(body: str | bytes, **fields: object) -> RawPage:
    data = body.encode() if isinstance(body, str) else body
    return dataclasses.replace(RawPage(URL, "s", URL, data, sha256_hex(b"")), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("title", ["404 Not Found", "Page not found | Harbour", "页面不存在"])
def test_a_page_that_says_it_is_missing_is_no_document(title: str) -> None:
    found = clean(raw(MISSING.replace("404 Not Found", title)))
    assert found.documents == ()
    assert found.rejection
    assert (found.rejection.reason, found.rejection.evidence) == ("soft_404", title)
    assert [(r.kind, r.text) for r in found.removals] == [
        (RemovalKind.REJECTED, "Not Found"),
        (RemovalKind.REJECTED, "No such rule on this server."),
    ]


def test_a_page_about_missing_pages_is_a_document() -> None:
    (document,) = clean(raw(MISSING.replace("404 Not Found", "Why 404 Not Found is no answer"))).documents
    assert document.title == "Why 404 Not Found is no answer"


def test_what_the_source_keeps_is_a_document_whatever_the_page_is_called() -> None:
    (document,) = clean(raw(MISSING), Directives(keep=("p",))).documents
    assert document.text.endswith("No such rule on this server.")


def test_a_body_above_the_cap_is_not_read() -> None:
    cap = 64 << 20
    found = clean(raw(bytes(cap + 1)))
    assert found.documents == ()
    assert found.rejection
    assert found.rejection.reason == "too_large"
    assert found.rejection.evidence == f"{cap + 1} bytes, the cap is {cap}"


def test_a_body_at_the_cap_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_MAX_BODY_BYTES", len(PAGE))
    assert clean(raw(PAGE)).documents
    above = clean(raw(f"{PAGE} ")).rejection
    assert above
    assert above.reason == "too_large"


@pytest.mark.parametrize(
    ("status", "read"), [(200, True), (203, True), (206, False), (199, False), (404, False)]
)
def test_the_status_tells_whether_a_body_is_the_page(status: int, read: bool) -> None:
    found = clean(raw(PAGE, status=status))
    assert bool(found.documents) is read
    assert (found.rejection.reason if found.rejection else "") == ("" if read else f"http_{status}")

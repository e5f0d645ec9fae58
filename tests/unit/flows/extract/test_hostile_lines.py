"""Lines, records and pages that are hostile or broken: each costs itself and is named, and no other page."""

from __future__ import annotations

import base64
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning import pipeline
from cleaning.model.profile import Profile
from cleaning.result import Cleaned
from flows.extract import extract as module
from flows.extract import guarded, inputs, profiles
from flows.extract.extract import Tally, extract
from flows.extract.inputs import InputUnreadable
from flows.workspace import limits
from output.base.errors import StorageError
from output.base.records import RawPage
from tests.unit.flows.extract.test_extract_together import page

GOOD = [json.dumps(page("pier", n, url=f"http://pier.example/laws/{n}")).encode() for n in range(6)]
HTML = "<h1>Rules</h1><p>The rules of the ferry are these, and all of them hold today.</p>"
DEEP = "[" * 3000 + "]" * 3000
DEEP_ENOUGH = "[" * 600 + "]" * 600
SCRIPT = '<script type="application/ld+json">{}</script>'


def line(**values: Any) -> bytes:
    return json.dumps({"html": HTML, "id": "odd"} | values).encode()


# Each is named, with these words.
BAD: dict[str, tuple[bytes, str]] = {
    "a URL whose host has no end": (line(url="http://[::1"), "url is not a URL"),
    "a URL of two hosts in one": (line(url="http://ex\u2100mple/"), "url is not a URL"),
    "a URL that is a number": (line(url=7), "url is not a string"),
    "a URL that is a list": (line(url=["http://a.example/"]), "url is not a string"),
    "a site that is an object": (line(site={"a": 1}), "site is not a string"),
    "an id that is no id": (line(id=1.5), "id is neither a string nor a whole number"),
    "an id that is not a number": (b'{"id": NaN, "html": "<p>x"}', "id is neither"),
    "an id of infinity": (b'{"id": -Infinity, "html": "<p>x"}', "id is neither"),
    "an id of 5,000 digits": (b'{"html": "", "id": %s}' % (b"9" * 5000), "not JSON"),
    "a key that is there twice": (b'{"html": "<p>a", "html": "<p>b"}', "the key 'html' is there twice"),
    "nesting of 3,000": (DEEP.encode(), "not JSON"),
    "nesting of 3,000 inside a key": (b'{"id": "odd", "x": %s, "html": "<p>x"}' % DEEP.encode(), "not JSON"),
    "a list": (b'[{"id": 1, "html": "<p>x"}]', "not a JSON object"),
    "no object": (b'"html"', "not a JSON object"),
    "nothing of JSON": (b"<html><p>x", "not JSON"),
    "bytes that are no text": (b'{"id": "\xff", "html": "<p>x"}', "not UTF-8 at byte 9"),
    "base64 that is none": (b'{"id": "odd", "html_base64": "<p>"}', "not base64"),
    "neither": (b'{"id": "odd", "url": "http://a.example/"}', "has neither html nor html_base64"),
}
# Each gives a document.
ODD: dict[str, bytes] = {
    "NULs in the id": line(id="a\0b"),
    "a lone surrogate in the id": b'{"id": "a\\ud800b", "html": "%s"}' % HTML.encode(),
    "an id of a megabyte": line(id="i" * 1_000_000),
    "an id of many lines": line(id="a\r\nb\u2028c"),
    "a site of a megabyte": line(site="s" * 1_000_000),
    "a lone surrogate in the site": b'{"id": 1, "site": "\\udfff", "html": "%s"}' % HTML.encode(),
    "a URL of a megabyte": line(url="http://a.example/" + "u" * 1_000_000),
    "a URL with a port that is none": line(url="http://a.example:99999/"),
    "a URL with NULs and surrogates": b'{"url": "http://a\\u0000\\ud800/", "html": "%s"}' % HTML.encode(),
    "both": line(html_base64=base64.b64encode(b"<h1>Other</h1>" + HTML.encode()).decode()),
    "keys that are unknown": line(headers={"a\r\nb": 1}, x=[1e308, None, True, {"": {}}]),
    "a key twice inside another": b'{"html": "%s", "x": {"a": 1, "a": 2}}' % HTML.encode(),
    "a date in the year 0": line(html=HTML + SCRIPT.format('{"datePublished": "0000-00-00"}')),
    "a date in the year 99999": line(html=HTML + '<time datetime="99999-12-31T99:99">x</time>'),
    "a script nested 3,000 deep in HTML": line(html=f"{'<div>' * 100_000}{HTML}{SCRIPT.format(DEEP)}"),
    "a publisher nested 600 deep": line(
        html=HTML + SCRIPT.format(json.dumps({"@type": "Article", "publisher": json.loads(DEEP_ENOUGH)}))
    ),
}


def extracted(folder: Path, lines: list[bytes]) -> tuple[Tally, list[bytes]]:
    source, output = folder / "pages.jsonl", folder / "documents.jsonl"
    source.write_bytes(b"\n".join(lines) + b"\n")
    tally = extract([source], output, folder / "removals.jsonl", lambda *_: None)
    return tally, output.read_bytes().splitlines()


def of_good_lines(documents: list[bytes]) -> list[bytes]:
    return [line for line in documents if b'"input_id":"pier' in line]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The documents of the good lines alone."""
    _, documents = extracted(tmp_path_factory.mktemp("good"), GOOD)
    assert len(documents) == len(GOOD)
    return documents


def test_each_bad_line_is_named_and_costs_no_other(tmp_path: Path, undisturbed: list[bytes]) -> None:
    bad = list(BAD.values())
    tally, documents = extracted(tmp_path, [GOOD[0], *(one for one, _ in bad), *GOOD[1:]])
    assert documents == undisturbed
    named = [(place.where, why in place.why) for place, (_, why) in zip(tally.unreadable, bad, strict=True)]
    assert named == [(f"{tmp_path}/pages.jsonl:{n}", True) for n in range(2, 2 + len(bad))]


def test_each_odd_line_gives_its_document_and_costs_no_other(
    tmp_path: Path, undisturbed: list[bytes]
) -> None:
    tally, documents = extracted(tmp_path, [*GOOD[:3], *ODD.values(), *GOOD[3:]])
    assert tally.unreadable == []
    assert tally.documents == len(documents) == len(GOOD) + len(ODD)
    assert of_good_lines(documents) == undisturbed
    assert all(json.loads(document)["text"] for document in documents)
    assert "Other" not in documents[3 + list(ODD).index("both")].decode(), "html counts where both are there"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
LINES = st.lists(
    st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(["id", "url", "site", "html", "html_base64", "x"]), VALUES | st.just(HTML), max_size=6
    ).map(lambda values: json.dumps(values).encode()),
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(LINES)
def test_no_line_costs_another(undisturbed: list[bytes], strange: list[bytes]) -> None:
    lines = [one.replace(b"\n", b" ") for one in strange]
    with tempfile.TemporaryDirectory() as folder:
        tally, documents = extracted(Path(folder), [*GOOD[:2], *lines, *GOOD[2:]])
    assert of_good_lines(documents) == undisturbed
    read = sum(not one.isspace() and bool(one) for one in lines)
    assert tally.pages + len(tally.unreadable) == len(GOOD) + read


class _Bug(Exception):
    """An error that nobody thought of."""


def test_a_page_that_cleaning_fails_for_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: list[bytes]
) -> None:
    def clean(page: RawPage, **values: Any) -> Cleaned:
        if b"broken" in page.body:
            raise _Bug("of this page")
        return pipeline.clean(page, **values)

    monkeypatch.setattr(module, "clean", clean)
    tally, documents = extracted(tmp_path, [*GOOD[:2], line(html="broken"), *GOOD[2:]])
    assert documents == undisturbed
    assert tally.rejected == Counter(cleaning_error=1)
    assert tally.unreadable == [InputUnreadable("odd", "cleaning_error: _Bug: of this page")]


def test_a_page_that_takes_for_ever_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: list[bytes]
) -> None:
    def clean(page: RawPage, **values: Any) -> Cleaned:
        while b"endless" in page.body:
            pass
        return pipeline.clean(page, **values)

    monkeypatch.setattr(module, "clean", clean)
    monkeypatch.setattr(limits.cpu_limit.__wrapped__, "__defaults__", (1.0,))  # type: ignore[attr-defined]
    tally, documents = extracted(tmp_path, [*GOOD[:2], line(html="endless"), *GOOD[2:]])
    assert documents == undisturbed
    assert tally.rejected == Counter(cleaning_timeout=1)
    assert [place.where for place in tally.unreadable] == ["odd"]


def test_a_page_that_cannot_be_assembled_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: list[bytes]
) -> None:
    def assemble(pages: list[Cleaned]) -> list[Cleaned]:
        if any("Broken" in document.title for page in pages for document in page.documents):
            raise _Bug("of this page")
        return pipeline.assemble(pages)

    monkeypatch.setattr(guarded, "assemble", assemble)
    broken = line(url="http://pier.example/9", html=HTML.replace("Rules", "Broken"))
    tally, documents = extracted(tmp_path, [*GOOD[:2], broken, *GOOD[2:]])
    assert documents == undisturbed
    assert tally.unreadable == [InputUnreadable("odd", "cleaning_error: _Bug: of this page")]


def test_pages_that_cannot_be_assembled_together_end_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def assemble(pages: list[Cleaned]) -> list[Cleaned]:
        if len(pages) > 1:
            raise _Bug("of these pages")
        return pipeline.assemble(pages)

    monkeypatch.setattr(guarded, "assemble", assemble)
    with pytest.raises(_Bug):
        extracted(tmp_path, GOOD)


def test_a_page_that_no_profile_can_be_fitted_with_costs_no_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def see(page: RawPage) -> pipeline.PageScores:
        if b"broken" in page.body:
            raise _Bug("of this page")
        return pipeline.see(page)

    monkeypatch.setattr(profiles, "see", see)
    broken = json.dumps(page("pier", 9, url="http://pier.example/laws/9") | {"html": "<p>broken"}).encode()
    _, documents = extracted(tmp_path, [broken, *GOOD])
    assert len(documents) == 7
    assert all(json.loads(one)["profile_version"] for one in documents)


def test_a_disk_that_fails_ends_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clean(page: RawPage, **_: Any) -> Cleaned:
        raise StorageError(f"{page.input_id}: disk full")

    monkeypatch.setattr(module, "clean", clean)
    with pytest.raises(StorageError, match="pier0: disk full"):
        extracted(tmp_path, GOOD)


def test_a_spool_that_cannot_be_read_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    def profile_for(self: profiles.SiteProfiles, page: RawPage) -> Profile | None:
        with self.spool as spool:
            self.spool = Mock(wraps=spool, read=fails)
            return found(self, page)

    found = profiles.SiteProfiles.profile_for
    monkeypatch.setattr(profiles.SiteProfiles, "profile_for", profile_for)
    with pytest.raises(StorageError, match=r"cannot read back from .*: Input/output error"):
        extracted(tmp_path, GOOD)


def test_what_cannot_be_read_is_named_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NAMED_INPUTS", 3)
    tally, _ = extracted(tmp_path, [b"{}"] * 10 + GOOD[:1])
    said = [line for line in tally.lines(tmp_path) if "unreadable" in line]
    assert len(said) == 4
    assert said[-1] == "tamis: unreadable: 7 more"


def test_a_name_of_a_megabyte_is_shown_short() -> None:
    tally = Tally(unreadable=[InputUnreadable("i" * 1_000_000, "w" * 1_000_000)])
    assert max(map(len, tally.lines(Path("out")))) < 1_100


def test_a_file_that_is_too_large_is_named_and_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MAX_PAGE_BYTES", 1 << 20)
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "a.html").write_text(HTML)
    with (saved / "sparse.html").open("wb") as file:
        file.truncate(1 << 40)
    tally = extract([saved], tmp_path / "documents.jsonl", None, lambda *_: None)
    assert tally.documents == 1
    named = InputUnreadable(f"{saved}/sparse.html", "over 1 MiB; no page is as large")
    assert tally.unreadable == [named]


def test_a_link_out_of_a_folder_is_named_and_not_followed(tmp_path: Path) -> None:
    saved, secret = tmp_path / "saved", tmp_path / "secret.html"
    (saved / "inner").mkdir(parents=True)
    secret.write_text(HTML.replace("ferry", "secret"))
    (tmp_path / "secret.jsonl").write_bytes(line(html="<p>secret", site="pier"))
    (saved / "a.html").write_text(HTML)
    (saved / "inner" / "same.html").symlink_to("../a.html")
    (saved / "inner" / "out.html").symlink_to("../../secret.html")
    (saved / "out.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (saved / "round.html").symlink_to("round.html")
    (tmp_path / "linked").symlink_to(saved)  # whoever names a link means what it leads to
    for folder in (saved, tmp_path / "linked"):
        output = tmp_path / "documents.jsonl"
        tally = extract([folder], output, None, lambda *_: None)
        assert tally.documents == 2
        assert "secret" not in output.read_text("utf-8").lower()
        assert [
            (place.where.rpartition("/")[2], place.why.partition(",")[0]) for place in tally.unreadable
        ] == [
            ("out.html", "a link that leads out of the folder"),
            ("out.jsonl", "a link that leads out of the folder"),
            ("round.html", "neither a file nor a link to one"),
        ]
        assert list(inputs.jsonl_files([folder])) == []
    assert extract([secret], output, None, lambda *_: None).documents == 1

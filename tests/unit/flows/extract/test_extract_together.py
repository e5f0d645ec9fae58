"""Pages of an input that belong together: with their site's profile, and assembled, in their order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaning.result import Cleaned
from flows.extract import extract as module
from flows.extract.extract import extract
from output.base.records import Access, Document, text_version


def page(site: str, n: int, *, url: str = "") -> dict[str, str]:
    text = "".join(
        f"<p>Clause {k} of law {n} binds vessel number {n * 31 + k * 7} of {site} alone.</p>"
        for k in range(9)
    )
    menu = f"<ul class=menu><li>Home of {site}<li>Laws<li>Search</ul>"
    html = f"<body>{menu}<div class='law {site}'><h1>Law {n}</h1>{text}</div></body>"
    return {"id": f"{site}{n}", "site": site, "url": url, "html": html}


def extracted(tmp_path: Path, pages: list[dict[str, str]]) -> list[dict[str, object]]:
    source, output = tmp_path / "pages.jsonl", tmp_path / "documents.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in pages), "utf-8")
    extract([source], output, None, lambda *_: None)
    return [json.loads(line) for line in output.read_text("utf-8").splitlines()]


def test_pages_that_share_a_site_are_cleaned_with_its_profile(tmp_path: Path) -> None:
    pages = [page(site, n) for n in range(6) for site in ("pier", "dock")]
    documents = extracted(tmp_path, [*pages, page("lone", 1), *(page("", n) for n in range(5))])
    assert [document["input_id"] for document in documents[:12]] == [line["id"] for line in pages]
    versions = {document["input_id"]: document["profile_version"] for document in documents}
    assert all(versions[line["id"]] for line in pages)
    assert versions["pier0"] == versions["pier5"] != versions["dock0"] == versions["dock5"]
    assert not versions["lone1"]
    assert not versions["0"]
    assert extracted(tmp_path, pages) == documents[:12], "the same input gives the same documents"


def test_a_profile_is_of_one_pattern_of_a_sites_urls(tmp_path: Path) -> None:
    laws = [page("pier", n, url=f"http://pier.example/laws/{n}") for n in range(4)]
    news = [page("pier", n, url=f"http://pier.example/news/{n}") for n in range(4, 7)]
    documents = extracted(tmp_path, laws + news)
    assert [bool(document["profile_version"]) for document in documents] == [True] * 4 + [False] * 3


def document(name: str, access: Access, url: str) -> Cleaned:
    text = f"The ferry of {name} leaves."
    made = Document(
        url or name, text_version(name, text), "", name, url, title=name, text=text, access=access
    )
    return Cleaned((made,), ())


def test_a_teaser_gives_way_to_its_whole_text_and_pages_keep_their_order() -> None:
    url = "http://pier.example/laws/1"
    pages = [
        document("list", Access.TEASER, url),
        document("other", Access.FULL, "http://pier.example/laws/2"),
        document("law", Access.FULL, url),
    ]
    done = list(module._assemble_all(pages))
    assert [bool(one.documents) for one in done] == [False, True, True]
    assert done[0].rejection is not None
    assert done[0].rejection.reason == "completed_elsewhere"
    assert [removal.rule for removal in done[0].removals] == ["assemble:permalink"]


def test_pages_without_an_address_are_nobodys_teaser() -> None:
    pages = [document("list", Access.TEASER, ""), document("law", Access.FULL, "")]
    assert list(module._assemble_all(pages)) == pages


def test_as_many_pages_are_assembled_at_once_as_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(pages: list[Cleaned]) -> list[Cleaned]:
        sizes.append(len(pages))
        return pages

    monkeypatch.setattr(module, "assembled", counted)
    monkeypatch.setattr(module, "BATCH_PAGES", 3)
    pages = [document(f"law {n}", Access.FULL, f"http://pier.example/{n}") for n in range(8)]
    assert list(module._assemble_all(iter(pages))) == pages
    assert sizes == [3, 3, 2]

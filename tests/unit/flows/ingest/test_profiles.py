"""Site profiles are kept where a site's pages have a layout in common, and only there."""

from __future__ import annotations

from pathlib import Path

from cleaning.pipeline import Cleaned, clean
from flows.ingest.profiles import fit_profiles, layout_change, load_profile, profile_fits, url_pattern
from output.base.records import RawPage, sha256_hex

URLS = [f"http://gazette.example/laws/{n}" for n in range(6)]


def _page(url: str, html: str) -> RawPage:
    body = html.encode()
    return RawPage(url, "gazette", url, body, sha256_hex(body), headers=(("content-type", "text/html"),))


def _alike(url: str) -> RawPage:
    n = int(url[-1])
    text = "".join(
        f"<p>Clause {k} of law {n} binds vessel number {n * 31 + k * 7} alone.</p>" for k in range(9)
    )
    return _page(
        url, f"<ul class=menu><li>Home<li>Laws<li>Search</ul><div class=law><h1>Law {n}</h1>{text}</div>"
    )


def _unlike(url: str) -> RawPage:
    n = int(url[-1])
    tags = ["section", "article", "blockquote", "td", "dd", "center"]
    text = "".join(f"<p>Story {k} of town {n} tells of boat number {n * 17 + k * 5}.</p>" for k in range(9))
    return _page(url, f"<div id=x{'abcdef'[n]}><{tags[n]} class=y{'uvwxyz'[n]}>{text}</{tags[n]}></div>")


def test_pages_of_one_layout_get_a_profile_that_stays(tmp_path: Path) -> None:
    files = fit_profiles(tmp_path, URLS, _alike)
    assert list(files) == [url_pattern(URLS[0])]
    kept = files[url_pattern(URLS[0])].read_bytes()
    assert fit_profiles(tmp_path, URLS, _unlike) == files
    assert files[url_pattern(URLS[0])].read_bytes() == kept
    assert load_profile(files[url_pattern(URLS[0])]).version


def test_pages_with_nothing_in_common_get_none(tmp_path: Path) -> None:
    assert fit_profiles(tmp_path, URLS, _unlike) == {}


def test_few_pages_get_none(tmp_path: Path) -> None:
    assert fit_profiles(tmp_path, URLS[:3], _alike) == {}


def test_a_changed_layout_is_told_by_the_pages_of_a_run(tmp_path: Path) -> None:
    (file,) = fit_profiles(tmp_path, URLS, _alike).values()
    profile = load_profile(file)
    same = profile_fits(clean(_alike(url), profile=profile) for url in URLS)
    changed = profile_fits(clean(_unlike(url), profile=profile) for url in URLS)
    assert len(same) == len(changed) == len(URLS)
    assert not layout_change(same)
    assert "the layout has changed" in layout_change(changed)
    assert not layout_change(changed[:4]), "a few odd pages are no new layout"
    assert profile_fits([Cleaned((), ()), clean(_alike(URLS[0]))]) == []

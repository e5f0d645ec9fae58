"""A declaration is understood whole, or refused with everything that is wrong in it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.declaration.loading import Source, find_source, list_sources, load_source, source_from_url
from output.base.errors import UsageError

GOOD = """
[source]
id = "example-gazette"
name = "Example Gazette"
home = "https://gazette.example/"
language = ["en", "zh-Hans"]
terms = "https://gazette.example/terms"
use = "full"

[crawl]
discover = "listing"
start = ["https://gazette.example/laws/?page=1"]
follow = '/laws/\\d+'
delay = 2.0

[clean]
remove = [".subscribe"]

[schedule]
cron = "0 4 * * mon-fri"

[expect]
documents = { min = 20, max = 5000 }
coverage = { title = 1.0, date_published = 0.9 }
"""

Write = Callable[[str], Path]


def test_a_whole_declaration_is_read(write: Write) -> None:
    path = write(GOOD)
    source = load_source(path)
    assert source.id == "example-gazette"
    assert source.origin == str(path)
    assert source.crawl.delay == 2.0
    assert source.clean.remove == (".subscribe",)
    assert source.expect.documents.max == 5000
    assert source.expect.coverage == {"title": 1.0, "date_published": 0.9}
    assert source.sites() == {"gazette.example"}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("follow =", "folow =", "crawl.folow: unknown key; did you mean 'follow'?"),
        ("[clean]", "[claen]", "claen: unknown section; did you mean 'clean'?"),
        ("title = 1.0", "titel = 1.0", "'titel' is not a field of a document; did you mean 'title'?"),
        ("delay = 2.0", 'delay = "2"', "crawl.delay: input should be a valid number, not '2'"),
        ("delay = 2.0", "delay = nan", "crawl.delay: "),
        ("/laws/\\d+", "(", "crawl.follow: '(' is not a regular expression"),
        (".subscribe", "..x", "clean.remove.0: '..x' is not a CSS selector"),
        ("0 4 * * mon-fri", "0 25 * * *", "schedule.cron: '25' in '0 25 * * *' is not a valid hour (0-23)"),
        ("0 4 * * mon-fri", "0 4 * *", "schedule.cron: '0 4 * *' has 4 fields"),
        ("0 4 * * mon-fri", "*/0 4 * * *", "'*/0' in '*/0 4 * * *' is not a valid minute"),
        ('"example-gazette"', '"Example Gazette"', "source.id: must be a slug"),
        (
            'start = ["https://gazette.example/laws/?page=1"]',
            'start = ["file:///etc/passwd"]',
            "crawl.start.0: ",
        ),
        ("https://gazette.example/laws/?page=1", "http://127.0.0.1:8000/", "loopback = true"),
        ("https://gazette.example/laws/?page=1", "http://[::ffff:7f00:1]/", "loopback = true"),
        ('start = ["https://gazette.example/laws/?page=1"]', "", "start: a source needs"),
        ("follow = '/laws/\\d+'", "", "follow: discover = 'listing' needs"),
        ('"listing"', '"listng"', "not 'listng'"),
        ('home = "https://gazette.example/"', "", "source.home: is missing"),
        ("min = 20", "min = 6000", "max = 5000 is below min = 6000"),
        ("[source]", "[source", "is not valid TOML"),
        ('"zh-Hans"', '"chinese!"', "'chinese!' is not a BCP 47 language tag"),
    ],
)
def test_what_is_wrong_is_named(write: Write, before: str, after: str, message: str) -> None:
    assert before in GOOD
    path = write(GOOD.replace(before, after))
    with pytest.raises(UsageError) as raised:
        load_source(path)
    assert message in str(raised.value)
    assert str(raised.value).startswith(str(path))


def test_all_that_is_wrong_is_said_at_once(write: Write) -> None:
    path = write(GOOD.replace("follow", "folow").replace("language", "langage"))
    with pytest.raises(UsageError) as raised:
        load_source(path)
    lines = str(raised.value).splitlines()
    assert any("'follow'" in line for line in lines)
    assert any("'language'" in line for line in lines)


def test_a_source_is_found_by_id_file_or_url(write: Write, tmp_path: Path) -> None:
    path = write(GOOD).rename(tmp_path / "example-gazette.toml")
    assert find_source("example-gazette", [tmp_path]) == find_source(str(path), [])
    assert [source.id for source in list_sources([tmp_path])] == ["example-gazette"]
    with pytest.raises(UsageError, match="did you mean 'example-gazette'"):
        find_source("exmple-gazette", [tmp_path])
    with pytest.raises(UsageError, match="cannot be read"):
        find_source("absent.toml", [tmp_path])
    path.rename(tmp_path / "other.toml")
    with pytest.raises(UsageError, match=r"rename the file to example-gazette\.toml"):
        list_sources([tmp_path])


def test_a_url_is_a_source_of_one_page() -> None:
    source = source_from_url("HTTPS://www.Example.org:443/a b#part")
    assert source.id == "example-org"
    assert source.crawl.start == ("https://www.example.org/a%20b",)
    assert source.crawl.discover == "urls"
    assert not source.crawl.loopback
    assert source_from_url("http://localhost:8000/").crawl.loopback
    with pytest.raises(UsageError):
        source_from_url("ftp://example.org/")


def test_urls_may_stand_in_a_file_of_their_own(write: Write, tmp_path: Path) -> None:
    declared = GOOD.replace('"listing"', '"urls"').replace("start = [", 'start_file = "urls.txt"\nstart = [')
    (tmp_path / "urls.txt").write_text("# ours\n\nhttps://gazette.example/laws/7\n", encoding="utf-8")
    assert load_source(write(declared)).crawl.start[-1] == "https://gazette.example/laws/7"


def test_a_declaration_nested_without_end_is_an_error(write: Write) -> None:
    with pytest.raises(UsageError, match="is not valid TOML"):
        load_source(write(f"[source]\nid = {'[' * 3000}"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# ours\n5ecret\n", r"urls\.txt:2: is not an http or https URL"),
        (b"https://gazette.example/laws/7\n-----BEGIN 5ecret-----\n", r"urls\.txt:2: is not an http"),
        (b"5ecret\xff\n", r"urls\.txt: is not UTF-8"),
        (b"#5ecret\n", r"urls\.txt: contains no URL"),
    ],
)
def test_a_file_of_urls_that_is_none_is_not_quoted(
    write: Write, tmp_path: Path, content: bytes, said: str
) -> None:
    declared = GOOD.replace('"listing"', '"urls"').replace("start = [", 'start_file = "urls.txt"\nstart = [')
    (tmp_path / "urls.txt").write_bytes(content)
    with pytest.raises(UsageError, match=said) as caught:
        load_source(write(declared))
    assert "5ecret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["alternates", "twins"])
def test_alternates_are_read_under_their_old_name_too(write: Write, key: str) -> None:
    source = load_source(write(GOOD.replace("delay", f'{key} = [["/en/", "/zh/"]]\ndelay')))
    assert source.crawl.alternates == (("/en/", "/zh/"),)
    passed_on = Source.model_validate_json(source.model_dump_json(exclude_defaults=True))
    assert (passed_on.about, passed_on.crawl) == (source.about, source.crawl)


def test_alternates_declared_twice_are_an_error(write: Write) -> None:
    declared = 'alternates = [["/en/", "/zh/"]]\ntwins = [["/en/", "/fr/"]]\ndelay'
    with pytest.raises(UsageError, match=r"crawl\.twins: unknown key"):
        load_source(write(GOOD.replace("delay", declared)))

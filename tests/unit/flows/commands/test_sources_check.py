"""`tamis sources check` finds what is wrong with a declaration by itself, and with two settings together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.declaration.cron import check_cron
from flows.cli.__main__ import main

GOOD = """
[source]
id = "gazette"
name = "Gazette"
home = "https://gazette.example/"

[crawl]
discover = "listing"
start = ["https://gazette.example/laws/"]
follow = '^https?://(www\\.)?gazette\\.example/laws/\\d+'

[clean]
remove = [".subscribe"]
"""


def _check(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["sources", "check", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_shipped_declarations_are_right() -> None:
    code, said = _check()
    assert (code, said) == (0, "5 declarations, nothing wrong\n")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("follow =", "folow =", "crawl.folow: unknown key; did you mean 'follow'?"),
        ("[clean]", "[clean]\nkeep = ['.subscribe']", "clean.keep: '.subscribe' is in remove too"),
        ('"listing"', '"urls"', "crawl.follow: has no effect"),
        (
            "follow = '^https?://(www\\.)?gazette",
            "follow = '^https?://www\\.gazete",
            "the host www.gazete.example",
        ),
        (
            "[clean]",
            "deny = '^https?://elsewhere\\.example/'\n[clean]",
            "crawl.deny: names the host elsewhere.example",
        ),
        ('/laws/"]', '/laws/", "https://gazette.example/laws/"]', "crawl.start: names a URL twice"),
        ("[clean]", "loopback = true\n[clean]", "crawl.loopback: is true, and https://gazette.example/laws/"),
        ("[clean]", "max_pages = 5\n[expect]\ndocuments = { min = 9 }\n[clean]", "min = 9 cannot be met"),
        ("[clean]", "[expect]\naccess = { full = 0.9, teaser = 0.2 }\n[clean]", "add up to 1.10"),
        ("[clean]", "saved = ['.']\n[clean]", "crawl.saved: has no effect where discover = 'listing'"),
        ("home =", "use = 'metadata'\nhome =", ""),
        ('"https://gazette.example/"', '"https://other.example/"\nuse = "metadata"', ""),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in GOOD
    file = tmp_path / "gazette.toml"
    file.write_text(GOOD.replace(before, after))
    code, said = _check(tmp_path)
    if message:
        assert code == 2
        assert message in said
        assert said.startswith(f"{file}: ")
        assert said.endswith("1 declaration, 1 wrong\n")
    else:
        assert code == 0, said


def test_a_search_form_needs_no_start(tmp_path: Path) -> None:
    form = '[search]\naction = "https://gazette.example/q"\nfield = "q"\nterms = ["law"]\n'
    (tmp_path / "gazette.toml").write_text(GOOD.replace('"listing"', '"search"') + form)
    code, said = _check(tmp_path)
    assert code == 2
    assert "crawl.start: has no effect where discover = 'search'" in said


def test_wordpress_is_asked_at_its_home(tmp_path: Path) -> None:
    declared = GOOD.replace('"listing"', '"wordpress"').replace(
        "https://gazette.example/laws/", "https://blog.example/"
    )
    (tmp_path / "gazette.toml").write_text(declared)
    code, said = _check(tmp_path / "gazette.toml")
    assert code == 2
    assert "crawl.start: https://blog.example/ is not on gazette.example, whose API would be asked" in said


def test_all_files_are_checked_and_two_of_one_id_are_found(tmp_path: Path) -> None:
    for folder, text in (("a", GOOD), ("b", GOOD), ("c", GOOD.replace("[source]", "[source"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "gazette.toml").write_text(text)
    code, said = _check("--json", *(tmp_path / folder for folder in "abc"))
    assert code == 2
    good, twin, broken = json.loads(said)
    assert good["problems"] == []
    assert twin["problems"] == [f"source.id: 'gazette' is declared in {tmp_path / 'a' / 'gazette.toml'} too"]
    assert "is not valid TOML" in broken["problems"][0]


def test_a_folder_without_declarations_says_how_to_get_one(tmp_path: Path) -> None:
    code, said = _check(tmp_path)
    assert code == 2
    assert "tamis probe URL" in said


@pytest.mark.parametrize("line", ["0 0 30 2 *", "0 0 31 4,jun *", "0 0 31 2-2 *", "0 0 31/1 9 *"])
def test_a_schedule_that_never_runs_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="never runs"):
        check_cron(line)


@pytest.mark.parametrize(
    "line", ["0 0 29 2 *", "0 0 31 2 mon", "0 0 31 */2 *", "0 0 28-31 2 *", "5 4 31 jan-apr *"]
)
def test_a_schedule_that_runs_in_some_months_is_valid(line: str) -> None:
    assert check_cron(line) == line


def test_options_before_the_word_are_not_swallowed() -> None:
    result = CliRunner().invoke(main, ["sources", "--json", "check"])
    assert result.exit_code == 2
    assert "put the options after check" in result.output

"""`tamis sources check`: declarations, checked against the schema and for contradictions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from crawlers.declaration.loading import Source, load_named, load_source
from crawlers.declaration.schema import OFFLINE_METHODS
from crawlers.net.addresses import is_loopback
from flows.workspace.sources import SHIPPED
from output.base.errors import UsageError
from output.base.escaping import escape
from output.base.wording import counted
from web.urls import parse, site_key

# A pattern that begins with a literal host: `^https?://www\.example\.org/`.
_LITERAL_HOST = re.compile(r"\^https?\??:(?://|\\/\\/)(?P<host>(?:[\w-]|\\\.|\\-)+)(?::\d+)?(?=/|\\/|$)")


@dataclass(frozen=True, slots=True)
class Checked:
    """A declaration's file, the source's id ("" where it cannot be read), and its problems, a line each."""

    file: str
    id: str
    problems: tuple[str, ...]


def show_check(paths: Sequence[Path], *, as_json: bool) -> int:
    """Check the declarations, print the problems of each, and return the exit code: 2 where there is any.

    Without paths, those shipped with Tamis are checked. Raises UsageError where a path holds no declaration.
    """
    checked = check_sources(paths or [SHIPPED])
    wrong = [one for one in checked if one.problems]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in checked], ensure_ascii=False))
    else:
        for one in wrong:
            for problem in one.problems:
                click.echo(escape(f"{one.file}: {problem}"))
        click.echo(f"{counted(len(checked), 'declaration')}, {len(wrong) or 'nothing'} wrong")
    return 2 if wrong else 0


def check_sources(paths: Sequence[Path]) -> list[Checked]:
    """Check every declaration of the files and folders. Raises UsageError where a path holds none."""
    checked: list[Checked] = []
    first_files: dict[str, str] = {}
    for path in paths:
        for one in _check_path(path):
            first_file = first_files.setdefault(one.id, one.file) if one.id else one.file
            problems = one.problems
            if first_file != one.file:
                problems = (*problems, f"source.id: {one.id!r} is declared in {first_file} too")
            checked.append(Checked(one.file, one.id, problems))
    return checked


def contradictions(source: Source) -> Iterator[str]:
    """Yield the settings of a valid declaration that contradict each other, each as `section.key: why`."""
    yield from _of_crawl(source)
    clean, expect = source.clean, source.expect
    for selector in sorted(set(clean.remove) & set(clean.keep)):
        yield f"clean.keep: {selector!r} is in remove too"
    if expect.documents.min and expect.documents.min > source.crawl.max_pages and not clean.split:
        yield (
            f"expect.documents: min = {expect.documents.min} cannot be met within "
            f"crawl.max_pages = {source.crawl.max_pages}"
        )
    if source.about.use == "metadata" and expect.coverage.get("text"):
        yield 'expect.coverage: text is never kept where use = "metadata"'
    if (total := sum(expect.access.values())) > 1:
        yield f"expect.access: the minimum shares add up to {total:.2f}, more than all documents"


def _of_crawl(source: Source) -> Iterator[str]:
    crawl, sites = source.crawl, source.sites()
    if crawl.discover == "urls" and crawl.follow:
        yield 'crawl.follow: has no effect where discover = "urls": its URLs are the pages'
    if crawl.saved and crawl.discover not in OFFLINE_METHODS:
        methods = ", ".join(OFFLINE_METHODS)
        yield f"crawl.saved: has no effect where discover = {crawl.discover!r}, but for {methods}"
    if crawl.start and crawl.discover == "search":
        yield "crawl.start: has no effect where discover = 'search': [search] names the form"
    if crawl.deny and crawl.deny == crawl.follow:
        yield "crawl.deny: is the same as follow, so that no page is left"
    for key, pattern in (("follow", crawl.follow), ("deny", crawl.deny)):
        if (host := _host_of(pattern)) and site_key(host) not in {_without_port(site) for site in sites}:
            yield f"crawl.{key}: names the host {host}, and the source's are {', '.join(sorted(sites))}"
    yield from _of_start(source)


def _of_start(source: Source) -> Iterator[str]:
    crawl, home = source.crawl, parse(source.about.home)
    for url in crawl.start:
        parsed = parse(url)
        if parsed is None or home is None:
            continue
        if crawl.discover == "wordpress" and site_key(parsed.site) != site_key(home.site):
            yield f"crawl.start: {url} is not on {home.site}, whose API would be asked"
        if crawl.loopback and not is_loopback(parsed):
            yield f"crawl.loopback: is true, and {url} is not on this machine"
    if len(set(crawl.start)) < len(crawl.start):
        yield "crawl.start: names a URL twice"


def _check_path(path: Path) -> Iterator[Checked]:
    if path.is_dir():
        files = sorted(path.glob("*.toml"))
        if not files:
            raise UsageError(f"{path}: holds no declaration (no .toml); `tamis probe URL` drafts one")
        for file in files:
            yield _check_file(file, named=True)
    else:
        yield _check_file(path, named=False)


def _check_file(file: Path, *, named: bool) -> Checked:
    try:
        source = load_named(file) if named else load_source(file)
    except UsageError as error:
        lines = str(error).splitlines()
        return Checked(str(file), "", tuple(line.removeprefix(f"{file}: ") for line in lines))
    return Checked(str(file), source.id, tuple(contradictions(source)))


def _host_of(pattern: str) -> str:
    """Return the literal host that a pattern begins with; "" where it begins with none or several."""
    found = _LITERAL_HOST.match(pattern)
    return found["host"].replace("\\", "") if found else ""


def _without_port(site: str) -> str:
    return site.partition(":")[0]

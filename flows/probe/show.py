"""What `tamis probe` shows: for people a few paragraphs, for scripts one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crawlers.probe.findings import DiscoveryMethod, Survey
from flows.probe.draft import in_words
from output.base.escaping import escape

if TYPE_CHECKING:
    from flows.probe.samples import Look

# Why nothing more was asked, and what to do.
_STOPPED = {
    "robots": "robots.txt forbids this page to Tamis, so nothing was fetched. Ask the site's owner.",
    "opt_out": "the site opts out of text and data mining; nothing was fetched.",
    "robots_unreachable": "robots.txt could not be had, which forbids all (RFC 9309). Try again later.",
    "dns": "the host's name is not known. Look at the spelling.",
    "refused_connection": "nothing listens there. Look at the address, or try again later.",
    "timeout": "the host did not answer in time. Try again later.",
    "tls": "the host's certificate is not trusted.",
    "address": "the address is not on the internet; a crawl does not connect to it.",
    "redirect_loop": "the page redirects without end.",
    "bad_redirect": "the page redirects to what is no web address.",
    "http_401": "the site asks for a name and a password; a crawl does not log in.",
    "http_403": "the site forbids the page to this crawler (403). Ask its owner; nothing is worked around.",
    "http_404": "there is no such page (404). Try the site's front page.",
    "http_429": "the site asks to be left alone for a while (429). Try again later.",
    "login": "the site asks for a login first; a crawl does not log in.",
    "not_html": "the page is no HTML. Try the site's front page.",
    "size": "the page is larger than any that a crawl takes.",
    "spent": "the bounds of a probe were reached at the first page.",
}
_NO_WAY = "no way was found to list the site's pages: no WordPress API, sitemap, feed or list of links."
_SCRIPTED = (
    "the front page is empty without JavaScript, which a crawl does not run: "
    "look for a sitemap, a feed or an API."
)


def show(found: Survey, front: Sequence[Look], samples: Sequence[Look], file: Path | None, text: str) -> None:
    """Print what was found, and where the draft is."""
    console = Console(highlight=False, soft_wrap=False)
    console.print(_line(found.front.name if found.front else "", "bold"), _line(found.url))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in _rows(found):
        table.add_row(name, _line(words))
    console.print(table)
    for look in samples:
        console.print()
        _show_look(console, look)
    for problem in problems(found, front):
        console.print(_line(f"\n{problem}", "bold"))
    if file is not None:
        lines = sum(bool(line.strip()) and not line.startswith("#") for line in text.splitlines())
        console.print(
            _line(f"\n{file}: a draft of {lines} lines. Read the terms, then look before anything is kept:")
        )
        console.print(
            _line(f"  tamis sources check {file}\n  tamis run --dry-run --limit 10 {file}"), soft_wrap=True
        )


def as_json(
    found: Survey, front: Sequence[Look], samples: Sequence[Look], file: Path | None, text: str
) -> str:
    """Everything as one JSON object."""
    return json.dumps(
        found.model_dump(exclude={"samples"})
        | {
            "samples": [asdict(look) for look in samples],
            "problems": problems(found, front),
            "draft": str(file) if file else None,
            "toml": text,
        },
        ensure_ascii=False,
    )


def problems(found: Survey, front: Sequence[Look]) -> list[str]:
    """What stands in the way, in words that say what to do."""
    lines = []
    if found.stopped:
        words = _STOPPED.get(found.stopped, f"the first page could not be had ({found.stopped}).")
        lines.append(f"{found.url}: {words}" + (f" [{escape(found.detail)}]" if found.detail else ""))
    elif not found.ways:
        lines.append(_NO_WAY)
    if any(look.reason == "needs_javascript" for look in front):
        lines.append(_SCRIPTED)
    if found.cut:
        lines.append(f"the probe ended {found.cut}: there may be more than is shown.")
    return lines


def _rows(found: Survey) -> Iterator[tuple[str, str]]:
    """The findings, each by its name."""
    if found.front:
        yield "robots", _robots(found)
        for way in found.ways:
            yield way.name, _method(way)
        absent = [name for name in ("wordpress", "sitemap", "feed", "listing") if name not in _named(found)]
        if absent:
            yield "none of", ", ".join(absent)
        yield "languages", ", ".join(found.front.languages) or "the front page names none"
        terms = [f"{notice.words or 'a link'}: {notice.url}" for notice in found.front.terms]
        yield "terms", "; ".join(terms) or "no link to any on the front page"
        if found.front.licences:
            yield "licence", ", ".join(found.front.licences)
        yield "opt-outs", "; ".join(_opt_outs(found)) or "none"
    yield "asked", f"{len(found.asked)} requests in {found.seconds:.0f} s"


def _robots(found: Survey) -> str:
    robots = found.robots
    parts = ["robots.txt allows the page" if robots.exists else "no robots.txt, or an empty one"]
    parts += [f"asks for {robots.delay:g} s between requests"] if robots.delay else []
    parts += [f"names {len(robots.sitemaps)} sitemaps"] if robots.sitemaps else []
    return "; ".join(parts)


def _opt_outs(found: Survey) -> list[str]:
    signals = list(found.front.opt_outs) if found.front else []
    signals += ["/.well-known/tdmrep.json reserves rights"] if found.robots.tdmrep else []
    if found.robots.shut_out:
        signals.append(
            f"robots.txt bars {', '.join(found.robots.shut_out)}: ask before a text goes into training"
        )
    return signals


def _method(way: DiscoveryMethod) -> str:
    days = f", {way.oldest} to {way.newest}" if way.newest else ""
    parts = [f"{in_words(way)}{days}", *way.notes]
    parts += [f"pages like {way.follow}"] if way.follow else []
    return "; ".join([*parts, *way.start])


def _named(found: Survey) -> set[str]:
    return {way.name for way in found.ways}


def _show_look(console: Console, look: Look) -> None:
    console.print(_line(look.url, "underline"), soft_wrap=True)
    if look.reason:
        console.print(Padding(_line(f"no document: {look.reason}"), (0, 0, 0, 2)))
        return
    parts = [look.access, look.language, look.date or "no date", f"{look.characters:,} characters"]
    parts += [f"without {', '.join(look.removed)}"] if look.removed else []
    console.print(Padding(_line(look.title, "bold"), (0, 0, 0, 2)))
    console.print(Padding(_line("; ".join(parts)), (0, 0, 0, 2)))
    for line in look.lines:
        console.print(Padding(_line(line[:200], "dim"), (0, 0, 0, 2)))


def _line(words: str, style: str = "") -> Text:
    """Words of a site, harmless for a terminal."""
    return Text(escape(words, keep="\n"), style=style)

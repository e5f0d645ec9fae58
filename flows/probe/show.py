"""The output of `tamis probe`: some paragraphs for people, or one JSON object for scripts."""

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

from crawlers.permissions.robots import CLOSED
from crawlers.probe.findings import DiscoveryMethod, Survey
from flows.probe.draft import size_in_words
from output.base.escaping import escape
from output.base.wording import counted

if TYPE_CHECKING:
    from flows.probe.samples import CleanedSample

# Why the probe stopped at the first page, and what to do.
_STOP_REASONS = {
    "robots": "robots.txt forbids this page to Tamis, so nothing was fetched. Ask the site's owner.",
    "opt_out": "the site opts out of text and data mining; nothing was fetched.",
    "robots_unreachable": "nothing was asked, as all is forbidden without robots.txt (RFC 9309). "
    "Try again later.",
    "dns": "the host name is not known. Check the spelling.",
    "refused_connection": "the host refused the connection. Check the address, or try again later.",
    "timeout": "the host did not answer in time. Try again later.",
    "tls": "the host's certificate is not trusted.",
    "address": "the address is not on the internet; a crawl does not connect to it.",
    "redirect_loop": "the page redirects in a loop.",
    "bad_redirect": "the page redirects to something that is no web address.",
    "http_401": "the site asks for a user name and a password; a crawl does not log in.",
    "http_403": "the site forbids the page to this crawler (403). Ask its owner; nothing is worked around.",
    "http_404": "there is no such page (404). Try the site's front page.",
    "http_429": "the site has had too many requests (429). Try again later.",
    "login": "the site asks for a login first; a crawl does not log in.",
    "not_html": "the page is not HTML. Try the site's front page.",
    "size": "the page is larger than a crawl accepts.",
    "spent": "the probe reached its limits at the first page.",
}
_NO_METHOD = "no way was found to list the site's pages: no WordPress API, sitemap, feed or list of links."
_NEEDS_JAVASCRIPT = (
    "the front page is empty without JavaScript, which a crawl does not run: "
    "look for a sitemap, a feed or an API."
)


def show(
    survey: Survey,
    front: Sequence[CleanedSample],
    samples: Sequence[CleanedSample],
    file: Path | None,
    text: str,
) -> None:
    """Print what was found, and where the draft is."""
    console = Console(highlight=False, soft_wrap=False)
    title = [_text(survey.front.name, "bold")] if survey.front and survey.front.name else []
    console.print(*title, _text(survey.url))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in _rows(survey):
        table.add_row(name, _text(words))
    console.print(table)
    for sample in samples:
        console.print()
        _show_sample(console, sample)
    for problem in problems(survey, front):
        console.print(_text(f"\n{problem}", "bold"))
    if file is not None:
        lines = sum(bool(line.strip()) and not line.startswith("#") for line in text.splitlines())
        made = f"\n{file}: a draft of {counted(lines, 'line')}."
        console.print(_text(f"{made} Read the site's terms, then try it, keeping nothing:"))
        console.print(
            _text(f"  tamis sources check {file}\n  tamis run --dry-run --limit 10 {file}"), soft_wrap=True
        )


def as_json(
    survey: Survey,
    front: Sequence[CleanedSample],
    samples: Sequence[CleanedSample],
    file: Path | None,
    text: str,
) -> str:
    """Return everything as one JSON object."""
    return json.dumps(
        survey.model_dump(exclude={"samples"})
        | {
            "samples": [asdict(sample) for sample in samples],
            "problems": problems(survey, front),
            "draft": str(file) if file else None,
            "toml": text,
        },
        ensure_ascii=False,
    )


def problems(survey: Survey, front: Sequence[CleanedSample]) -> list[str]:
    """Return the problems of a crawl, each with what to do."""
    lines = []
    if survey.stopped:
        lines.append(f"{survey.url}: {_stop_in_words(survey)}")
    elif not survey.ways:
        lines.append(_NO_METHOD)
    if any(sample.reason == "needs_javascript" for sample in front):
        lines.append(_NEEDS_JAVASCRIPT)
    if survey.cut:
        lines.append(f"the probe ended {survey.cut}: the site may have more than is shown.")
    return lines


def _stop_in_words(survey: Survey) -> str:
    """Return why the probe stopped: the cause first, where the host did not even answer for robots.txt."""
    words = _STOP_REASONS.get(survey.stopped, f"the first page could not be fetched ({survey.stopped}).")
    detail = escape(survey.detail)
    if survey.stopped == "robots_unreachable":
        cause = detail.removeprefix("robots.txt: ").removesuffix(f"; {CLOSED}")
        return f"{cause}; {words}"
    return f"{words} [{detail}]" if detail else words


def _rows(survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield the findings, each with its name."""
    if survey.front:
        yield "robots", _robots(survey)
        for method in survey.ways:
            yield method.name, _method_in_words(method)
        absent = [
            name for name in ("wordpress", "sitemap", "feed", "listing") if name not in _method_names(survey)
        ]
        if absent:
            yield "none of", ", ".join(absent)
        yield "languages", ", ".join(survey.front.languages) or "the front page names none"
        terms = [f"{notice.words or 'a link'}: {notice.url}" for notice in survey.front.terms]
        yield "terms", "; ".join(terms) or "no link to any on the front page"
        if survey.front.licences:
            yield "licence", ", ".join(survey.front.licences)
        yield "opt-outs", "; ".join(_opt_outs(survey)) or "none"
    yield "requests", f"{len(survey.asked)} in {survey.seconds:.0f} s"


def _robots(survey: Survey) -> str:
    robots = survey.robots
    parts = ["robots.txt allows the page" if robots.exists else "no robots.txt, or an empty one"]
    parts += [f"asks for {robots.delay:g} s between requests"] if robots.delay else []
    parts += [f"names {counted(len(robots.sitemaps), 'sitemap')}"] if robots.sitemaps else []
    return "; ".join(parts)


def _opt_outs(survey: Survey) -> list[str]:
    signals = list(survey.front.opt_outs) if survey.front else []
    signals += ["/.well-known/tdmrep.json reserves rights"] if survey.robots.tdmrep else []
    if survey.robots.shut_out:
        signals.append(
            f"robots.txt disallows {', '.join(survey.robots.shut_out)}: ask before texts go into training"
        )
    return signals


def _method_in_words(method: DiscoveryMethod) -> str:
    days = f", {method.oldest} to {method.newest}" if method.newest else ""
    parts = [f"{size_in_words(method)}{days}", *method.notes]
    parts += [f"pages like {method.follow}"] if method.follow else []
    return "; ".join([*parts, *method.start])


def _method_names(survey: Survey) -> set[str]:
    return {method.name for method in survey.ways}


def _show_sample(console: Console, sample: CleanedSample) -> None:
    console.print(_text(sample.url, "underline"), soft_wrap=True)
    if sample.reason:
        console.print(Padding(_text(f"no document: {sample.reason}"), (0, 0, 0, 2)))
        return
    parts = [sample.access, sample.language, sample.date or "no date", f"{sample.characters:,} characters"]
    parts += [f"without {', '.join(sample.removed)}"] if sample.removed else []
    console.print(Padding(_text(sample.title, "bold"), (0, 0, 0, 2)))
    console.print(Padding(_text("; ".join(parts)), (0, 0, 0, 2)))
    for line in sample.lines:
        console.print(Padding(_text(line[:200], "dim"), (0, 0, 0, 2)))


def _text(words: str, style: str = "") -> Text:
    """Return words of a site, harmless for a terminal."""
    return Text(escape(words, keep="\n"), style=style)

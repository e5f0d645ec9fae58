"""The draft of a declaration: what a probe found, with comments on what a person must still check."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from zlib import crc32

from crawlers.declaration.loading import Source
from crawlers.net.addresses import is_loopback
from crawlers.probe.findings import DiscoveryMethod, Survey
from output.base.escaping import escape
from web.urls import parse

if TYPE_CHECKING:
    from flows.probe.samples import CleanedSample

# From this many feed entries a week on, a site is crawled every day, else every week.
_DAILY_MIN_WEEKLY_ENTRIES = 1.0
# The share of documents that must have a title or a date, where all samples have it.
_EXPECTED_COVERAGE = 0.9


def draft(survey: Survey, source_id: str, samples: Sequence[CleanedSample]) -> str:
    """Return a valid declaration as TOML; "" where the probe found no way to list the site's pages."""
    method, front = survey.best, survey.front
    if method is None or front is None:
        return ""
    home = method.home or (parsed.root if (parsed := parse(front.url)) else front.url)
    opt_outs = [*front.opt_outs, *(sample.opt_out for sample in survey.samples if sample.opt_out)]
    opt_outs += ["/.well-known/tdmrep.json"] if survey.robots.tdmrep else []
    methods = ", ".join(f"{one.name} {size_in_words(one)}" for one in survey.ways)
    lines = [
        f"# Drafted by `tamis probe {survey.url}`, which found: {methods}.",
        "# Before a first run: read the site's terms; then `tamis run --dry-run --limit 10` this file.",
        "",
        "[source]",
        f"id = {_text(source_id)}",
        f"name = {_text(front.name or source_id)}",
        f"home = {_text(home)}",
        f"language = {json.dumps(_languages(front.languages, samples))}",
        *_terms(survey),
        *_use(opt_outs),
        "",
        "[crawl]",
        f"discover = {_text(method.name)}",
        f"start = [{', '.join(_text(url) for url in method.start)}]",
        *_follow(method),
        f"delay = {max(1.0, survey.robots.delay) if not _is_local(home) else 0.0}",
        *(["loopback = true"] if _is_local(home) else []),
        "",
        "[schedule]",
        f"cron = {_text(_cron(source_id, survey.ways))}",
        "",
        "[expect]",
        f"# After a first full run: documents = {{ min = … }}; {_size(method)} listed when this was drafted.",
        *_coverage(samples),
    ]
    text = "\n".join(lines) + "\n"
    Source.model_validate(tomllib.loads(text))
    return text


def size_in_words(method: DiscoveryMethod) -> str:
    """Return how many pages a discovery method lists, with its unit."""
    unit = {"wordpress": "posts", "sitemap": "URLs", "listing": "links", "feed": "entries"}[method.name]
    return f"{_size(method)} {unit}"


def _size(method: DiscoveryMethod) -> str:
    if method.total is not None:
        return f"{method.total:,}"
    return f"{method.pages:,}" if method.is_whole else f"at least {method.pages:,}"


def _terms(survey: Survey) -> list[str]:
    terms = survey.front.terms if survey.front else ()
    others = "".join(f", {notice.url}" for notice in terms[1:])
    if terms:
        words = _plain(terms[0].words) or "found by its address"
        return [f"terms = {_text(terms[0].url)}  # {words}: not read yet; note by whom and when{others}"]
    return [
        'terms = ""  # no link to any was found: look for the site\'s terms, and note who looked and when'
    ]


def _use(opt_outs: Sequence[str]) -> list[str]:
    if opt_outs:
        return [f'use = "metadata"  # the site opts out of text and data mining: {_plain(opt_outs[0])}']
    return ['use = "full"  # or "metadata", where the terms ask for it']


def _follow(method: DiscoveryMethod) -> list[str]:
    if not method.follow:
        return []
    quoted = f"'{method.follow}'" if "'" not in method.follow else _text(method.follow)
    return [f"follow = {quoted}  # {method.pages:,} of the URLs that were read match"]


def _languages(declared: Sequence[str], samples: Sequence[CleanedSample]) -> list[str]:
    """Return the languages of the samples, then those that the front page names."""
    counts = Counter(sample.language for sample in samples if sample.language not in ("", "und"))
    return list(dict.fromkeys([*(name for name, _ in counts.most_common()), *declared]))


def _cron(source_id: str, methods: Sequence[DiscoveryMethod]) -> str:
    """Return a cron line: daily where a feed has an entry a week or more, else weekly.

    Minute, hour and day come from a checksum of the id, so that sources do not all run at once.
    """
    number = crc32(source_id.encode())
    minute, hour, day = number % 60, number % 5, number % 7
    feed = next(
        (
            method
            for method in methods
            if method.name in ("feed", "wordpress") and method.newest > method.oldest
        ),
        None,
    )
    if feed is None:
        return f"{minute} {hour} * * {day}"
    weeks = (date.fromisoformat(feed.newest) - date.fromisoformat(feed.oldest)).days / 7
    return (
        f"{minute} {hour} * * *"
        if feed.pages >= _DAILY_MIN_WEEKLY_ENTRIES * weeks
        else f"{minute} {hour} * * {day}"
    )


def _coverage(samples: Sequence[CleanedSample]) -> list[str]:
    texts = [sample for sample in samples if not sample.reason]
    has = {
        "title": all(sample.title for sample in texts),
        "date_published": all(sample.date for sample in texts),
    }
    fields = ", ".join(f"{name} = {_EXPECTED_COVERAGE}" for name, whole in has.items() if whole and texts)
    return [f"coverage = {{ {fields} }}"] if fields else []


def _is_local(url: str) -> bool:
    parsed = parse(url)
    return bool(parsed and is_loopback(parsed))


def _text(value: str) -> str:
    """Return a TOML string: a JSON string is one, but TOML wants DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(words: str) -> str:
    """Return words of a site for a comment: on one line, and at most 120 characters."""
    return escape(" ".join(words.split()))[:120]

"""The draft of a declaration: what a probe found, and in comments what a human must still look at."""

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
    from flows.probe.samples import Look

# Entries a week of a feed from which on a site is looked at every day.
_DAILY = 1.0
# What a page's title and date are asked of, as a share of the documents, where all the samples have them.
_COVERAGE = 0.9


def draft(found: Survey, source_id: str, samples: Sequence[Look]) -> str:
    """The declaration as TOML, whole and valid; "" where the probe found no way to list the site's pages."""
    way, front = found.best, found.front
    if way is None or front is None:
        return ""
    home = way.home or (parsed.root if (parsed := parse(front.url)) else front.url)
    reserved = [*front.opt_outs, *(sample.opt_out for sample in found.samples if sample.opt_out)]
    reserved += ["/.well-known/tdmrep.json"] if found.robots.tdmrep else []
    ways = ", ".join(f"{one.name} {in_words(one)}" for one in found.ways)
    lines = [
        f"# Drafted by `tamis probe {found.url}`, which found: {ways}.",
        "# Before a first run: read the site's terms; then `tamis run --dry-run --limit 10` this file.",
        "",
        "[source]",
        f"id = {_text(source_id)}",
        f"name = {_text(front.name or source_id)}",
        f"home = {_text(home)}",
        f"language = {json.dumps(_languages(front.languages, samples))}",
        *_terms(found),
        *_use(reserved),
        "",
        "[crawl]",
        f"discover = {_text(way.name)}",
        f"start = [{', '.join(_text(url) for url in way.start)}]",
        *_follow(way),
        f"delay = {max(1.0, found.robots.delay) if not _is_local(home) else 0.0}",
        *(["loopback = true"] if _is_local(home) else []),
        "",
        "[schedule]",
        f"cron = {_text(_cron(source_id, found.ways))}",
        "",
        "[expect]",
        f"# After a first whole run: documents = {{ min = … }}; {_size(way)} listed when this was drafted.",
        *_coverage(samples),
    ]
    text = "\n".join(lines) + "\n"
    Source.model_validate(tomllib.loads(text))
    return text


def in_words(way: DiscoveryMethod) -> str:
    """How much a way lists, in words."""
    unit = {"wordpress": "posts", "sitemap": "URLs", "listing": "links", "feed": "entries"}[way.name]
    return f"{_size(way)} {unit}"


def _size(way: DiscoveryMethod) -> str:
    if way.total is not None:
        return f"{way.total:,}"
    return f"{way.pages:,}" if way.is_whole else f"at least {way.pages:,}"


def _terms(found: Survey) -> list[str]:
    terms = found.front.terms if found.front else ()
    others = "".join(f", {notice.url}" for notice in terms[1:])
    if terms:
        words = _plain(terms[0].words) or "found by its address"
        return [f"terms = {_text(terms[0].url)}  # {words}: not read yet; note by whom and when{others}"]
    return [
        'terms = ""  # no link to any was found: look for the site\'s terms, and note who looked and when'
    ]


def _use(reserved: Sequence[str]) -> list[str]:
    if reserved:
        return [f'use = "metadata"  # the site opts out of text and data mining: {_plain(reserved[0])}']
    return ['use = "full"  # or "metadata", where the terms ask for it']


def _follow(way: DiscoveryMethod) -> list[str]:
    if not way.follow:
        return []
    quoted = f"'{way.follow}'" if "'" not in way.follow else _text(way.follow)
    return [f"follow = {quoted}  # {way.pages:,} of the URLs that were read match"]


def _languages(declared: Sequence[str], samples: Sequence[Look]) -> list[str]:
    """The languages that the samples are in, then those that the front page names."""
    seen = Counter(look.language for look in samples if look.language not in ("", "und"))
    return list(dict.fromkeys([*(name for name, _ in seen.most_common()), *declared]))


def _cron(source_id: str, ways: Sequence[DiscoveryMethod]) -> str:
    """Once a day where a feed shows an entry a week or more, else once a week; at the source's own minute."""
    number = crc32(source_id.encode())
    minute, hour, day = number % 60, number % 5, number % 7
    feed = next((way for way in ways if way.name in ("feed", "wordpress") and way.newest > way.oldest), None)
    if feed is None:
        return f"{minute} {hour} * * {day}"
    weeks = (date.fromisoformat(feed.newest) - date.fromisoformat(feed.oldest)).days / 7
    return f"{minute} {hour} * * *" if feed.pages >= _DAILY * weeks else f"{minute} {hour} * * {day}"


def _coverage(samples: Sequence[Look]) -> list[str]:
    texts = [look for look in samples if not look.reason]
    has = {"title": all(look.title for look in texts), "date_published": all(look.date for look in texts)}
    fields = ", ".join(f"{name} = {_COVERAGE}" for name, whole in has.items() if whole and texts)
    return [f"coverage = {{ {fields} }}"] if fields else []


def _is_local(url: str) -> bool:
    parsed = parse(url)
    return bool(parsed and is_loopback(parsed))


def _text(value: str) -> str:
    """A TOML string. JSON's is one, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(words: str) -> str:
    """Words of a site in a comment: on one line, and not too many."""
    return escape(" ".join(words.split()))[:120]

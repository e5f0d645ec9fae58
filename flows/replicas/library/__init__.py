"""The regulations of Lanmere, an invented territory: every replica takes its laws from here.

A work is composed of its own articles and of articles from a shared pool. A hash of the work's name decides
each choice `[[a|b]]`, so that a text is the same in every process and no two works are alike.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
GROUPS = ("duties", "data", "users", "supervision")
# With so many articles or more, a regulation has chapters.
CHAPTERS_MIN_ARTICLES = 15


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of a text; `tag` is its element: p, h2, h3, li, or tr with tabs between the cells."""

    text: str
    tag: str = "p"


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """A regulation in both languages; `en` and `zh` hold the values of its file for each."""

    id: str
    titles: Mapping[str, str]
    form: Mapping[str, str]
    issuer: Mapping[str, Any]
    number: int
    sitting: int
    adopted: date
    issued: date
    effective: date
    size: int
    en: Mapping[str, Any]
    zh: Mapping[str, Any]
    amends: str = ""

    def own(self, language: str) -> Mapping[str, Any]:
        """Return the values of the work's file for a language: words, aim, own articles."""
        return self.en if language == "en" else self.zh

    def document_number(self, language: str) -> str:
        """Return the number under which it was issued, as its language writes it."""
        if language == "en":
            return f"{self.issuer['en']} Order No. {self.number}"
        return f"{self.issuer['code']}令第{self.number}号"


@cache
def works() -> dict[str, Work]:
    """Return all works by id."""
    issuers = _skeleton()["issuers"]
    raw = {
        path.stem: tomllib.loads(path.read_text("utf-8"))
        for path in sorted((FOLDER / "works").glob("*.toml"))
    }
    found = {}
    for name, own in raw.items():
        base = raw[own["amends"]] if "amends" in own else {}
        both = {
            **base,
            **own,
            "en": {**base.get("en", {}), **own["en"]},
            "zh": {**base.get("zh", {}), **own["zh"]},
        }
        both["titles"] = dict(zip(("en", "zh"), both.pop("title"), strict=True))
        both["form"] = dict(zip(("en", "zh"), both["form"], strict=True))
        found[name] = Work(**{**both, "id": name, "issuer": issuers[both["issuer"]]})
    return found


def regulation(work: Work, language: str, marker: str = "Article {}: ") -> list[Line]:
    """Return the whole text of a regulation in "en" or "zh", from its number and date to its last article.

    `marker` is the form of an article's number in English.
    """
    lines = [
        Line(work.document_number(language)),
        Line(written(work.issued, language)),
        Line(fill(_skeleton()["order"][language], work, language, "order")),
    ]
    if work.amends:
        lines.append(
            Line(
                f"({work.own(language)['note']})" if language == "en" else f"（{work.own(language)['note']}）"
            )
        )
    articles = list(_articles(work, language))
    chapter, chapters = "", 0
    for count, (group, text) in enumerate(articles, 1):
        if len(articles) >= CHAPTERS_MIN_ARTICLES and group != chapter:
            chapter, chapters = group, chapters + 1
            lines.append(Line(_chapter(chapters, group, language), "h3"))
        first, *more = text.strip().split("\n")
        number = marker.format(count) if language == "en" else f"第{chinese(count)}条　"
        lines += [Line(number + first), *map(Line, more)]
    return lines


def own_articles(work: Work, language: str) -> list[str]:
    """Return the articles that only this work has, without numbers, as amended."""
    own = work.own(language)
    texts = [fill(text.strip(), work, language, "own") for text in (*own["own"], *own.get("add", ()))]
    for old, new in own.get("replace", ()):
        texts = [text.replace(old, new) for text in texts]
    return texts


def choose(options: Sequence[Any], *seed: object) -> Any:
    """Return one of the options, always the same for the same seed."""
    return options[number_of(*seed) % len(options)]


def number_of(*seed: object) -> int:
    """Return a large pseudo-random number, always the same for the same seed."""
    return int.from_bytes(sha256("/".join(map(str, seed)).encode()).digest()[:8], "big")


def written(day: date, language: str) -> str:
    """Return a date as prose writes it: 3 June 2019, 2019年6月3日."""
    if language == "en":
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def long_date(day: date) -> str:
    """Return a date as American prose writes it: June 3, 2019."""
    return f"{day:%B} {day.day}, {day.year}"


def chinese(number: int) -> str:
    """Return a number below 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (
        digits[ones] if ones or not tens else ""
    )


@cache
def _skeleton() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "skeleton.toml").read_text("utf-8"))


@cache
def _pool() -> list[dict[str, str]]:
    articles: list[dict[str, str]] = tomllib.loads((FOLDER / "articles.toml").read_text("utf-8"))["article"]
    return articles


def _articles(work: Work, language: str) -> Iterator[tuple[str, str]]:
    """Yield group and text of each article in order."""
    skeleton, seed = _skeleton(), work.amends or work.id
    definition, *own = own_articles(work, language)

    def fixed(name: str) -> str:
        return fill(choose(skeleton[name][language], seed, name), work, language, name)

    yield "general", fixed("purpose")
    yield "general", definition
    yield "general", fixed("authority")
    yield from (("duties", text) for text in own)
    # So many articles of the pool as the work's size: the first by checksum, in the pool's order.
    taken = sorted(_pool(), key=lambda article: number_of(seed, article["id"]))[: work.size]
    for group in GROUPS:
        for article in taken:
            if article["group"] == group:
                yield group, fill(article[language], work, language, article["id"])
    yield "closing", fixed("liability")
    yield "closing", fixed("effect")


def fill(text: str, work: Work, language: str, article: str) -> str:
    """Return a template with the work's words filled in and its choices made, by the seed `article`."""
    seed = work.amends or work.id
    own, other = work.own(language), 0 if language == "en" else 1
    fine = choose((20, 30, 50, 80), seed, "fine")
    words = {
        **own["words"],
        "aim": own["aim"],
        "form": work.form[language],
        "regulator": work.issuer[language],
        "law": work.issuer["law"][other],
        "title": work.titles[language],
        "sitting": _ordinal(work.sitting) if language == "en" else work.sitting,
        "adopted": written(work.adopted, language),
        "issued": written(work.issued, language),
        "effective": written(work.effective, language),
        "days": choose((20, 30, 45), seed, "days"),
        "fine": fine,
        "low": fine // 10,
    }
    words |= {name.capitalize(): str(value)[:1].upper() + str(value)[1:] for name, value in words.items()}
    choices = iter(range(99))
    text = re.sub(
        r"\[\[(.+?)\]\]", lambda m: str(choose(m[1].split("|"), seed, article, next(choices))), text
    )
    return re.sub(r"\{(\w+)\}", lambda m: str(words[m[1]]), text)


def _chapter(number: int, group: str, language: str) -> str:
    english, hanzi = _skeleton()["chapters"][group]
    roman = ("I", "II", "III", "IV", "V", "VI")[number - 1]
    return f"Chapter {roman}: {english}" if language == "en" else f"第{chinese(number)}章　{hanzi}"


def _ordinal(number: int) -> str:
    suffix = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

"""What is written about laws: interpretations, press conferences, notices, news, and machine English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any

from flows.replicas.library import (
    FOLDER,
    Line,
    Work,
    chinese,
    choose,
    fill,
    number_of,
    own_articles,
    regulation,
    written,
)

Text = tuple[str, list[Line]]
# Tag and template of each line, from what reports.toml says of a kind; the place is the language's.
_Compose = Callable[[dict[str, Any], Work, int], list[tuple[str, str]]]


def interpretation(work: Work, language: str) -> Text:
    """Title and lines of an office's own explanation, in three chapters."""
    return _told("interpretation", work, language, _interpretation)


def questions(work: Work, language: str) -> Text:
    """Title and lines of a press conference: five questions and their answers."""
    return _told("questions", work, language, _questions)


def notice(work: Work, language: str) -> Text:
    """Title and lines of a circular to the wards, with a table."""
    return _told("notice", work, language, _notice)


def news(work: Work) -> Text:
    """Title and lines of a Chinese news item."""
    return _told("news", work, "zh", _news)


def machine(text: Text) -> Text:
    """English as a machine translation of the Chinese would have it."""
    title, lines = text
    return _mangled(title), [Line(_mangled(line.text), line.tag) for line in lines]


def _told(kind: str, work: Work, language: str, compose: _Compose) -> Text:
    raw, place = _reports()[kind], 0 if language == "en" else 1
    title = _put(raw["title"][place], work, language)
    lines = [Line(text, tag) for tag, text in compose(raw, work, place)]
    return title, [Line(_put(line.text, work, language), line.tag) for line in lines]


def _interpretation(raw: dict[str, Any], work: Work, place: int) -> list[tuple[str, str]]:
    heads = [head[place] for head in raw["heads"]]
    return [
        ("p", raw["intro"][place]),
        ("h3", heads[0]),
        *(("p", pair[place]) for pair in _some(raw["background"], work, 2)),
        ("h3", heads[1]),
        *(("p", pair[place]) for pair in (*raw["content"], *_some(raw["more"], work, 2))),
        ("h3", heads[2]),
        *(("p", pair[place]) for pair in _some(raw["carrying"], work, 2)),
    ]


def _questions(raw: dict[str, Any], work: Work, place: int) -> list[tuple[str, str]]:
    asked = [("p", part[place]) for pair in _some(raw["pairs"], work, 5) for part in pair]
    return [("p", raw["intro"][place]), *asked]


def _notice(raw: dict[str, Any], work: Work, place: int) -> list[tuple[str, str]]:
    rows = [[head[place] for head in raw["table"]]]
    rows += [
        [ward[place], str(choose(range(4, 40), work.id, ward)), str(choose(range(5), work.id, "lent", ward))]
        for ward in raw["wards"]
    ]
    points = [pair[place] for pair in _some(raw["points"], work, 4)]
    return [
        ("p", raw["intro"][place]),
        ("p", raw["body"][place]),
        *(("p", f"{chinese(n)}、{text}" if place else f"{n}. {text}") for n, text in enumerate(points, 1)),
        *(("tr", "\t".join(row)) for row in rows),
        *(("p", pair[place]) for pair in _some(raw["closing"], work, 2)),
        ("p", work.issuer["zh" if place else "en"]),
        ("p", written(work.issued, "zh" if place else "en")),
    ]


def _news(raw: dict[str, Any], work: Work, _place: int) -> list[tuple[str, str]]:
    frames = _some(raw["frames"], work, len(raw["frames"]))
    own = [text.replace("\n", "").split("：")[0] for text in own_articles(work, "zh")]
    told = [
        frame.replace("{own}", text.rstrip("。") + "。") for frame, text in zip(frames, own, strict=False)
    ]
    texts = [choose(raw["leads"], work.id, "lead"), *told, *_some(raw["bodies"], work, 3)]
    return [("p", text) for text in (*texts, choose(raw["closings"], work.id, "closing"))]


def _some(options: list[Any], work: Work, count: int) -> list[Any]:
    """So many of the options, in their order, those that the work's name decides on."""
    ranked = sorted(range(len(options)), key=lambda place: number_of(work.id, place, len(options)))
    return [options[place] for place in sorted(ranked[:count])]


def _put(text: str, work: Work, language: str) -> str:
    own = own_articles(work, language)
    stop = ". " if language == "en" else "。"
    quotes = {
        f"quote{n}": own[n - 1].replace("\n", " ").split(stop)[0].rstrip(".") + stop.strip() for n in (1, 2)
    }
    count = str(sum(line.text.startswith("第") and "条　" in line.text for line in regulation(work, "zh")))
    text = re.sub(r"\{(quote[12]|count)\}", lambda m: {**quotes, "count": count}[m[1]], text)
    return fill(text, work, language, "reports")


def _mangled(text: str) -> str:
    patterns = _translationese()
    return patterns[0].sub(lambda m: patterns[1][m[0]], text)


@cache
def _translationese() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = dict(tomllib.loads((FOLDER / "translationese.toml").read_text("utf-8"))["pairs"])
    words = "|".join(re.escape(word) for word in sorted(pairs, key=len, reverse=True))
    return re.compile(rf"\b(?:{words})\b"), pairs


@cache
def _reports() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "reports.toml").read_text("utf-8"))

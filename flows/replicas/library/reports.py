"""Texts about regulations: interpretations, press conferences, notices, news, and machine English."""

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
# Returns tag and template of each line, from the section of reports.toml and the index of the language.
_Compose = Callable[[dict[str, Any], Work, int], list[tuple[str, str]]]


def interpretation(work: Work, language: str) -> Text:
    """Return title and lines of an office's own explanation, in three chapters."""
    return _composed("interpretation", work, language, _interpretation)


def questions(work: Work, language: str) -> Text:
    """Return title and lines of a press conference: five questions and their answers."""
    return _composed("questions", work, language, _questions)


def notice(work: Work, language: str) -> Text:
    """Return title and lines of a circular to the wards, with a table."""
    return _composed("notice", work, language, _notice)


def news(work: Work) -> Text:
    """Return title and lines of a Chinese news item."""
    return _composed("news", work, "zh", _news)


def machine(text: Text) -> Text:
    """Return English as a machine translation of the Chinese would write it."""
    title, lines = text
    return _as_machine_english(title), [Line(_as_machine_english(line.text), line.tag) for line in lines]


def _composed(kind: str, work: Work, language: str, compose: _Compose) -> Text:
    raw, index = _reports()[kind], 0 if language == "en" else 1
    title = _fill_in(raw["title"][index], work, language)
    lines = [Line(text, tag) for tag, text in compose(raw, work, index)]
    return title, [Line(_fill_in(line.text, work, language), line.tag) for line in lines]


def _interpretation(raw: dict[str, Any], work: Work, index: int) -> list[tuple[str, str]]:
    heads = [head[index] for head in raw["heads"]]
    return [
        ("p", raw["intro"][index]),
        ("h3", heads[0]),
        *(("p", pair[index]) for pair in _choose_some(raw["background"], work, 2)),
        ("h3", heads[1]),
        *(("p", pair[index]) for pair in (*raw["content"], *_choose_some(raw["more"], work, 2))),
        ("h3", heads[2]),
        *(("p", pair[index]) for pair in _choose_some(raw["carrying"], work, 2)),
    ]


def _questions(raw: dict[str, Any], work: Work, index: int) -> list[tuple[str, str]]:
    asked = [("p", part[index]) for pair in _choose_some(raw["pairs"], work, 5) for part in pair]
    return [("p", raw["intro"][index]), *asked]


def _notice(raw: dict[str, Any], work: Work, index: int) -> list[tuple[str, str]]:
    rows = [[head[index] for head in raw["table"]]]
    rows += [
        [ward[index], str(choose(range(4, 40), work.id, ward)), str(choose(range(5), work.id, "lent", ward))]
        for ward in raw["wards"]
    ]
    points = [pair[index] for pair in _choose_some(raw["points"], work, 4)]
    return [
        ("p", raw["intro"][index]),
        ("p", raw["body"][index]),
        *(("p", f"{chinese(n)}、{text}" if index else f"{n}. {text}") for n, text in enumerate(points, 1)),
        *(("tr", "\t".join(row)) for row in rows),
        *(("p", pair[index]) for pair in _choose_some(raw["closing"], work, 2)),
        ("p", work.issuer["zh" if index else "en"]),
        ("p", written(work.issued, "zh" if index else "en")),
    ]


def _news(raw: dict[str, Any], work: Work, _index: int) -> list[tuple[str, str]]:
    frames = _choose_some(raw["frames"], work, len(raw["frames"]))
    own = [text.replace("\n", "").split("：")[0] for text in own_articles(work, "zh")]
    reported = [
        frame.replace("{own}", text.rstrip("。") + "。") for frame, text in zip(frames, own, strict=False)
    ]
    texts = [choose(raw["leads"], work.id, "lead"), *reported, *_choose_some(raw["bodies"], work, 3)]
    return [("p", text) for text in (*texts, choose(raw["closings"], work.id, "closing"))]


def _choose_some(options: list[Any], work: Work, count: int) -> list[Any]:
    """Return so many of the options, in their order, chosen by the work's name."""
    ranked = sorted(range(len(options)), key=lambda index: number_of(work.id, index, len(options)))
    return [options[index] for index in sorted(ranked[:count])]


def _fill_in(text: str, work: Work, language: str) -> str:
    own = own_articles(work, language)
    stop = ". " if language == "en" else "。"
    quotes = {
        f"quote{n}": own[n - 1].replace("\n", " ").split(stop)[0].rstrip(".") + stop.strip() for n in (1, 2)
    }
    count = str(sum(line.text.startswith("第") and "条　" in line.text for line in regulation(work, "zh")))
    text = re.sub(r"\{(quote[12]|count)\}", lambda m: {**quotes, "count": count}[m[1]], text)
    return fill(text, work, language, "reports")


def _as_machine_english(text: str) -> str:
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

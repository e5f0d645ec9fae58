"""From judged blocks to texts: the lines of a part, its title, and each of its languages by itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cleaning.documents.labelled import LabelledPage
from cleaning.documents.split import is_title
from cleaning.law.articles import marker
from cleaning.law.genre import status_of
from cleaning.page.decode import scrub
from cleaning.rules.directives import Part
from cleaning.rules.lexicon import Cut
from cleaning.text import scripts as bilingual
from cleaning.text.lines import fold_line
from cleaning.text.scripts import Layout, Script

# Above a text that is quoted whole stands its title: "《…》全文如下".
_LEAD_IN: Final = re.compile(
    r"^(?:现将)?《?(?P<title>[^《》]{4,120})》?\s*(?:的)?(?:全文)?(?:如下|公布如下)?\s*[:。]?$"
)
_TITLE_LINES = 4  # lines at the head of a language's text among which its title stands


class Line(NamedTuple):
    """A line of a text and the block it comes from."""

    block: int
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """One text in one language: title, the status that stood behind it, lines.

    `script` is "" for the only language of its part; `layout` says how two languages stood together.
    """

    title: str
    status: str
    lines: tuple[Line, ...]
    script: Script = ""
    layout: Layout = ""
    warnings: tuple[str, ...] = ()

    @property
    def plain(self) -> list[str]:
        """The words of the lines."""
        return [line.text for line in self.lines]


def texts(labelled: LabelledPage, part: Part, title: str, status: str, *, several: bool) -> list[Text]:
    """The texts of a part, a language each, in the page's order; [] where nothing is content.

    `title` and `status` are those of the page; where it holds `several` documents each has its own.
    """
    lines = _lines(labelled, part)
    if not lines:
        return []
    if labelled.dump and len(lines) > 1 and (several or is_title(lines[0].text)):
        title, status = status_of(lines.pop(0).text)
    elif several and not part.title:
        title, status = status_of(_heading(labelled, part, lines))
    elif part.title:
        title = part.title
    whole = Text(_one_line(title), status, *_scrubbed(lines))
    layout, tongues = bilingual.languages(whole.plain)
    if not layout:
        return [whole]
    apart = []
    for tongue in tongues:
        own = (
            Line(lines[i].block, whole.lines[i].text[start:end].strip()) for i, start, end in tongue.pieces
        )
        apart.append(
            _entitled(labelled, part, whole, [line for line in own if line.text], tongue.script, layout)
        )
    return apart


def _lines(labelled: LabelledPage, part: Part) -> list[Line]:
    cut: dict[int, list[Cut]] = {}
    for c in labelled.cuts:
        cut.setdefault(c.block, []).append(c)
    lines = []
    for i in sorted(part.blocks):
        if labelled.labels[i].content:
            text = _without(labelled.parsed.blocks[i].text, cut.get(i, ()))
            if text.strip():
                lines.append(Line(i, text))
    return lines


def _scrubbed(lines: Sequence[Line]) -> tuple[tuple[Line, ...], Script, Layout, tuple[str, ...]]:
    _, warnings = scrub("\n".join(line.text for line in lines))
    # A preformatted block has lines of its own.
    clean = (Line(line.block, own) for line in lines for own in _readable(line.text).split("\n"))
    return tuple(clean), "", "", warnings


def _without(text: str, cuts: Iterable[Cut]) -> str:
    for cut in sorted(cuts, key=lambda c: -c.start):
        text = text[: cut.start] + text[cut.end :]
    return text.rstrip() if cuts else text


def _heading(labelled: LabelledPage, part: Part, lines: Sequence[Line]) -> str:
    """The first heading of a part: among its lines, else among what left."""
    blocks = labelled.parsed.blocks
    return next((line.text for line in lines if blocks[line.block].level), "") or next(
        (b.text for i in sorted(part.blocks) if (b := blocks[i]).level), ""
    )


def _one_line(title: str) -> str:
    return " ".join(_readable(title).split())


def _readable(text: str) -> str:
    """A text scrubbed, and without the soft hyphens in its words, where a line may break."""
    return scrub(text)[0].replace("\u00ad", "")


def _entitled(
    labelled: LabelledPage, part: Part, whole: Text, lines: list[Line], script: Script, layout: Layout
) -> Text:
    """One language's text under a title in that language, where the page has one; else under the page's."""
    blocks = labelled.parsed.blocks
    title, status = whole.title, whole.status
    if turn := bilingual.split_line(title):
        end, start, first = turn
        title = title[:end] if first == script else title[start:]
    if bilingual.script_of(title) != script:
        own = next((i for i, line in enumerate(lines[:_TITLE_LINES]) if _is_title(line.text)), None)
        if own is not None:
            first_line = lines[own].text
            title, status = status_of(first_line)
            lead_in = _LEAD_IN.match(title)
            title = lead_in["title"] if lead_in else title
            if labelled.dump and own == 0 and word_for_word(title, first_line):
                lines.pop(0)
        elif heading := next(
            (
                b.text
                for i in sorted(part.blocks)
                if (b := blocks[i]).level and bilingual.script_of(b.text) == script
            ),
            "",
        ):
            title, status = status_of(heading)
    warnings = whole.warnings
    return Text(_one_line(title.strip(" 　/|")), status, tuple(lines), script, layout, warnings)


def word_for_word(title: str, line: str) -> bool:
    """Whether a line says nothing but the title."""
    return fold_line(title) == fold_line(line)


def _is_title(line: str) -> bool:
    if marker(line) or not fold_line(line).strip("()0123456789 .,年月日号令第No[]〔〕…"):
        return False
    return is_title(line) or bool(re.search(r"如下\s*[:：。]$", line))

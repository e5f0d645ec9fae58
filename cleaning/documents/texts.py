"""The texts of a labelled page: the lines of a part, its title, and each of its languages by itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cleaning.documents.labelled import LabelledPage
from cleaning.documents.split import is_title
from cleaning.law.articles import marker
from cleaning.law.genre import status_of
from cleaning.rules.directives import Part
from cleaning.rules.lexicon import Cut
from cleaning.text import scripts as bilingual
from cleaning.text.lines import fold_line
from cleaning.text.scripts import Layout, Script
from web.decode import scrub

# Above a text that is quoted whole stands its title: "《…》全文如下".
_LEAD_IN: Final = re.compile(
    r"^(?:现将)?《?(?P<title>[^《》]{4,120})》?\s*(?:的)?(?:全文)?(?:如下|公布如下)?\s*[:。]?$"
)
_TITLE_WITHIN_LINES = 4  # at the head of a language's text


class Line(NamedTuple):
    """A line of a text and the block it comes from."""

    block: int
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """One text in one language: its title, the legal status behind the title, its lines.

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
        """The text of each line."""
        return [line.text for line in self.lines]


def texts(labelled: LabelledPage, part: Part, title: str, status: str, *, several: bool) -> list[Text]:
    """Return the texts of a part, one for each language, in the page's order; [] for a part without content.

    `title` and `status` are those of the page; where it holds `several` documents, each has its own.
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
    _, warnings = scrub("\n".join(line.text for line in lines))
    whole = Text(_one_line(title), status, _scrub_lines(lines), warnings=warnings)
    layout, languages = bilingual.languages(whole.plain)
    if not layout:
        return [whole]
    return [
        _in_language(labelled, part, whole, _pieces(whole, language.pieces), language.script, layout)
        for language in languages
    ]


def _pieces(whole: Text, pieces: Iterable[tuple[int, int, int]]) -> list[Line]:
    """Return the pieces of a text that are in one language, given as line, start and end."""
    found = (Line(whole.lines[i].block, whole.lines[i].text[start:end].strip()) for i, start, end in pieces)
    return [line for line in found if line.text]


def _lines(labelled: LabelledPage, part: Part) -> list[Line]:
    """Return the content of a part, a line a block, without the cuts inside blocks."""
    cuts: dict[int, list[Cut]] = {}
    for cut in labelled.cuts:
        cuts.setdefault(cut.block, []).append(cut)
    lines = []
    for i in sorted(part.blocks):
        if labelled.labels[i].content:
            text = _without_cuts(labelled.parsed.blocks[i].text, cuts.get(i, ()))
            if text.strip():
                lines.append(Line(i, text))
    return lines


def _scrub_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines scrubbed; a preformatted block has several."""
    return tuple(Line(line.block, own) for line in lines for own in _scrub(line.text).split("\n"))


def _without_cuts(text: str, cuts: Iterable[Cut]) -> str:
    for cut in sorted(cuts, key=lambda c: -c.start):
        text = text[: cut.start] + text[cut.end :]
    return text.rstrip() if cuts else text


def _heading(labelled: LabelledPage, part: Part, lines: Sequence[Line]) -> str:
    """Return the first heading of a part: among its lines, else among what was removed."""
    blocks = labelled.parsed.blocks
    return next((line.text for line in lines if blocks[line.block].level), "") or next(
        (b.text for i in sorted(part.blocks) if (b := blocks[i]).level), ""
    )


def _one_line(title: str) -> str:
    return " ".join(_scrub(title).split())


def _scrub(text: str) -> str:
    """Return a text without control characters, and without soft hyphens, where a line may break."""
    return scrub(text)[0].replace("\u00ad", "")


def _in_language(
    labelled: LabelledPage, part: Part, whole: Text, lines: list[Line], script: Script, layout: Layout
) -> Text:
    """Return one language's text, under a title in that language where the page has one."""
    title, status = whole.title, whole.status
    if halves := bilingual.split_line(title):
        end, start, first = halves
        title = title[:end] if first == script else title[start:]
    if bilingual.script_of(title) != script:
        head = lines[:_TITLE_WITHIN_LINES]
        own = next((i for i, line in enumerate(head) if _can_be_title(line.text)), None)
        if own is not None:
            title, status = _title_of_line(lines[own].text)
            if labelled.dump and own == 0 and word_for_word(title, lines[own].text):
                lines.pop(0)
        elif heading := _heading_in_script(labelled, part, script):
            title, status = status_of(heading)
    return Text(_one_line(title.strip(" 　/|")), status, tuple(lines), script, layout, whole.warnings)


def _title_of_line(line: str) -> tuple[str, str]:
    """Return the title in a line, without the words that lead in a quoted text, and its legal status."""
    title, status = status_of(line)
    lead_in = _LEAD_IN.match(title)
    return (lead_in["title"] if lead_in else title), status


def _heading_in_script(labelled: LabelledPage, part: Part, script: Script) -> str:
    """Return the first heading of a part in a script, or ""."""
    blocks = (labelled.parsed.blocks[i] for i in sorted(part.blocks))
    return next((b.text for b in blocks if b.level and bilingual.script_of(b.text) == script), "")


def word_for_word(title: str, line: str) -> bool:
    """Tell whether a line says nothing but the title."""
    return fold_line(title) == fold_line(line)


def _can_be_title(line: str) -> bool:
    """Tell whether the first line of a language can be its title: no article and no bare number or date."""
    if marker(line) or not fold_line(line).strip("()0123456789 .,年月日号令第No[]〔〕…"):
        return False
    return is_title(line) or bool(re.search(r"如下\s*[:：。]$", line))

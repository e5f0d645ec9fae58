"""PDF files linked by the replicas' pages: forms and tables, printed or scanned."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from flows.replicas.pdf import printed, scanned
from flows.replicas.site import Answer, Expected
from output.base.records import Access

# Columns of a printed line, a Chinese character being one, and its lines to a page.
_LINE_COLUMNS = {"en": 72, "zh": 34}
_PAGE_LINES = 5
_RUNNING_HEAD = {"en": "Printed for the public counter", "zh": "公众窗口用纸"}


@dataclasses.dataclass(frozen=True, slots=True)
class Annex:
    """A PDF linked by a page: its path from the root, its title, whether it is scanned."""

    path: str
    title: str
    scanned: bool = False

    @property
    def _language(self) -> str:
        return "en" if self.title.isascii() else "zh"

    def answer(self, modified: datetime) -> Answer:
        """Return the PDF."""
        body = scanned(2, self.title) if self.scanned else printed(list(self._sheets()), self.title)
        return Answer(body, 200, "application/pdf", modified)

    def expected(self, base: str, site: str) -> Expected:
        """Return the document in it; of a scan only the title can be known."""
        return Expected(
            key=f"{site}:{self.path.rpartition('/')[2]}",
            url=base + self.path,
            title=self.title,
            languages=("en" if self._language == "en" else "zh-Hans",),
            paragraphs=(self.title,) if self.scanned else tuple(_words()[self.title]),
            furniture=() if self.scanned else (_RUNNING_HEAD[self._language],),
            access=Access.UNKNOWN if self.scanned else Access.FULL,
        )

    def _sheets(self) -> Iterator[list[str]]:
        """Yield the lines of each page: a running head, the text, the page number."""
        lines = [self.title]
        for paragraph in _words()[self.title]:
            lines += _wrapped(paragraph, self._language)
        for number, start in enumerate(range(0, len(lines), _PAGE_LINES), 1):
            foot = f"- {number} -"
            yield [_RUNNING_HEAD[self._language], *lines[start : start + _PAGE_LINES], foot]


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads((Path(__file__).parent / "annexes.toml").read_text("utf-8"))


def _wrapped(paragraph: str, language: str) -> Iterator[str]:
    words: Iterable[str] = paragraph.split(" ") if language == "en" else paragraph
    space, line = (" " if language == "en" else ""), ""
    for word in words:
        longer = f"{line}{space}{word}" if line else word
        if len(longer) > _LINE_COLUMNS[language]:
            yield line
            longer = word
        line = longer
    yield line

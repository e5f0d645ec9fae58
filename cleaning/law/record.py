"""What is known of a document as a piece of law: number, issuer, kind, status, dates. What is not said
stays absent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from cleaning.law.articles import articles, restarts
from cleaning.law.effective import date_effective, date_signed, from_publication
from cleaning.law.fields import Fields
from cleaning.law.genre import Role, document_type, draft_of, role_of
from cleaning.law.issuers import identify, issuer_of, jurisdiction_of, named, of_code
from cleaning.law.tree import units
from cleaning.text.numerals import code_of, document_number, is_bare
from cleaning.text.scripts import split_line
from output.base.records import Article

_HEAD_LINES: Final = 3  # lines under a title in which a body that the text is about is named
_HEAD_CHARACTERS: Final = 10_000  # of each; no line is longer but one of many megabytes


@dataclasses.dataclass(frozen=True, slots=True)
class LawRecord:
    """The law's side of a document; all of it absent for a text that is no law.

    `act` says that the text is an act itself, whose dates are its own; news of an act has none of these.
    """

    units: tuple[Article, ...] = ()
    role: Role = ""
    number: str | None = None
    issuer: str | None = None
    issuer_id: str | None = None
    jurisdiction: str | None = None
    document_type: str | None = None
    status: str | None = None
    issued: str | None = None
    effective: str | None = None
    warnings: tuple[str, ...] = ()

    act: bool = False


NONE: Final = LawRecord()


def law_record(
    title: str, lines: Sequence[str], *, script: str = "", status: str = "", fields: Fields
) -> LawRecord:
    """Read a document's text and the fields above it. `script` picks the language of bilingual fields."""
    articles_found = articles(lines)
    found = units(lines, articles_found)
    numbered = any(unit.level == "article" for unit in found)
    number = _own(fields.get("number"), script) or document_number(list(lines))
    role = role_of(title, articles=numbered, divided=bool(found))
    kind = role if role in ("news", "explanation") else document_type(title)
    if not (found or number or fields.lines):
        known = role in ("news", "explanation") or named(
            "\n".join((title, *(line[:_HEAD_CHARACTERS] for line in lines[:_HEAD_LINES])))
        )
        return LawRecord(
            role=role,
            document_type=kind if known else None,
            status=draft_of(title) or None if known else None,
        )
    act = role != "explanation" and bool(numbered or number or fields.lines)
    stated_issuer = _own(fields.get("issuer"), script)
    issuers = (stated_issuer,) if stated_issuer else issuer_of(title, lines, number)
    issuer_id = next((id_ for name in issuers if (id_ := identify(name))), None)
    issuer_id = issuer_id or (of_code(code_of(number)) if number else None)
    issued = fields.date("issued") or (date_signed(lines, articles_found) if act else None)
    stated = date_effective(lines, law=act)
    effective = fields.date("effective") or stated
    if act and not effective and from_publication(lines):
        effective = (issued or "")[:10] or None
    warnings = []
    if restarts(articles_found):
        warnings.append("articles_restart")
    if number and is_bare(number) and not issuers:
        warnings.append("number_without_issuer")
    if stated and effective and stated[:10] != effective[:10]:
        warnings.append("dates_contradict:effective")
    return LawRecord(
        units=found,
        act=act,
        role=role,
        number=number,
        issuer="; ".join(issuers) or None,
        issuer_id=issuer_id,
        jurisdiction=jurisdiction_of(issuer_id, title, *issuers),
        document_type=kind,
        status=_own(status, script) or _own(fields.get("status"), script) or draft_of(title) or None,
        issued=issued,
        effective=effective,
        warnings=tuple(warnings),
    )


def _own(value: str, script: str) -> str:
    """The half of a bilingual value that is in the document's own language."""
    turn = split_line(value) if value and script else None
    if turn is None:
        return value.strip()
    end, start, first = turn
    return (value[:end] if first == script else value[start:]).strip()

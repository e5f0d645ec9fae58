"""A document's legal fields: number, issuer, kind of act, status, dates. What a text lacks stays absent."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from cleaning.law.articles import Numbered, articles, restarts
from cleaning.law.effective import date_effective, date_signed, from_publication
from cleaning.law.fields import Fields
from cleaning.law.genre import Role, document_type, draft_of, role_of
from cleaning.law.issuers import identify, issuer_of, issuer_of_code, jurisdiction_of, named
from cleaning.law.tree import units
from cleaning.text.numerals import code_of, document_number, is_bare
from cleaning.text.scripts import split_line
from output.base.records import Article

_HEAD_LINES: Final = 3  # under a title, in which a body that the text is about is named
_MAX_HEAD_LINE_CHARACTERS: Final = 10_000  # only a line of many megabytes is longer


@dataclasses.dataclass(frozen=True, slots=True)
class LawRecord:
    """The legal fields of a document; all are absent for a text that is no law.

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


def law_record(
    title: str, lines: Sequence[str], *, script: str = "", status: str = "", fields: Fields
) -> LawRecord:
    """Read the legal fields from a document's text and from the record above it.

    `script` picks the language of bilingual fields.
    """
    numbered = articles(lines)
    parts = units(lines, numbered)
    number = _in_script(fields.get("number"), script) or document_number(list(lines))
    has_articles = any(unit.level == "article" for unit in parts)
    role = role_of(title, articles=has_articles, divided=bool(parts))
    kind = role if role in ("news", "explanation") else document_type(title)
    if not (parts or number or fields.lines):
        return _without_structure(title, lines, role, kind)
    act = role != "explanation" and bool(has_articles or number or fields.lines)
    issuers, issuer_id = _issuers(title, lines, number, _in_script(fields.get("issuer"), script))
    issued = fields.date("issued") or (date_signed(lines, numbered) if act else None)
    stated = date_effective(lines, law=act)
    effective = fields.date("effective") or stated or _effective_from_publication(lines, issued, act=act)
    return LawRecord(
        units=parts,
        act=act,
        role=role,
        number=number,
        issuer="; ".join(issuers) or None,
        issuer_id=issuer_id,
        jurisdiction=jurisdiction_of(issuer_id, title, *issuers),
        document_type=kind,
        status=_in_script(status, script)
        or _in_script(fields.get("status"), script)
        or draft_of(title)
        or None,
        issued=issued,
        effective=effective,
        warnings=_warnings(numbered, number, issuers, (stated, effective)),
    )


def _without_structure(title: str, lines: Sequence[str], role: Role, kind: str | None) -> LawRecord:
    """Return the record of a text without articles, number and fields.

    It is a legal text if it speaks of an act, or if a known body is named in its title or in its first lines.
    """
    head = (title, *(line[:_MAX_HEAD_LINE_CHARACTERS] for line in lines[:_HEAD_LINES]))
    if role in ("news", "explanation") or named("\n".join(head)):
        return LawRecord(role=role, document_type=kind, status=draft_of(title) or None)
    return LawRecord(role=role)


def _issuers(
    title: str, lines: Sequence[str], number: str | None, stated: str
) -> tuple[tuple[str, ...], str | None]:
    """Return the names of the issuing bodies, as written, and the id of the first known one."""
    issuers = (stated,) if stated else issuer_of(title, lines, number)
    issuer_id = next((id_ for name in issuers if (id_ := identify(name))), None)
    return issuers, issuer_id or (issuer_of_code(code_of(number)) if number else None)


def _effective_from_publication(lines: Sequence[str], issued: str | None, *, act: bool) -> str | None:
    """Return the day of issue for an act that takes effect on the day of its publication."""
    if not (act and issued and from_publication(lines)):
        return None
    return issued[:10]


def _warnings(
    numbered: Sequence[Numbered],
    number: str | None,
    issuers: Sequence[str],
    effective: tuple[str | None, str | None],
) -> tuple[str, ...]:
    """Name contradictions; `effective` are the dates of effect in the text and of the record as a whole."""
    warnings = []
    if restarts(numbered):
        warnings.append("articles_restart")
    if number and is_bare(number) and not issuers:
        warnings.append("number_without_issuer")
    stated, chosen = effective
    if stated and chosen and stated[:10] != chosen[:10]:
        warnings.append("dates_contradict:effective")
    return tuple(warnings)


def _in_script(value: str, script: str) -> str:
    """Return the half of a bilingual value that is in the document's own language."""
    halves = split_line(value) if value and script else None
    if halves is None:
        return value.strip()
    end, start, first = halves
    return (value[:end] if first == script else value[start:]).strip()

"""The entries of the lexicon: its rules as lexicon.toml declares them."""

from __future__ import annotations

import dataclasses
import functools
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Literal

from output.base.records import RemovalKind


@dataclasses.dataclass(frozen=True, slots=True)
class LexiconRule:
    """A rule of the lexicon. The comments in lexicon.toml explain its fields."""

    id: str
    kind: RemovalKind
    lang: str
    regex: re.Pattern[str]
    max: int
    why: str
    removes: str
    keeps: str
    words: tuple[str, ...] = ()
    where: Literal["", "top", "bottom"] = ""
    beside: frozenset[RemovalKind] = frozenset()
    opens: bool = False
    inline: bool = False

    def match(self, line: str) -> re.Match[str] | None:
        """Return the match in a folded line that is short enough and in the rule's script, or None."""
        if len(line) > self.max or (self.lang == "zh" and line.isascii()):
            return None
        if not self.words:
            return self.regex.match(line)
        return self.regex.search(line) if _holds_word(line, self.words) else None


@functools.cache
def lexicon() -> tuple[LexiconRule, ...]:
    """Return the rules in their order. The first one that matches a line decides."""
    rules = tomllib.loads(resources.files("cleaning.rules").joinpath("lexicon.toml").read_text("utf-8"))[
        "rule"
    ]
    return tuple(
        LexiconRule(
            **{
                **rule,
                "kind": RemovalKind(rule["kind"]),
                "regex": re.compile(rule["regex"]),
                "words": tuple(rule.get("words", ())),
                "beside": frozenset(RemovalKind(kind) for kind in rule.get("beside", ())),
            }
        )
        for rule in rules
    )


def _holds_word(line: str, words: Sequence[str]) -> bool:
    lower = line.lower()
    return any(word in lower for word in words)

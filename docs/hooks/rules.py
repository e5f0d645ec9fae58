"""The reference of the cleaning rules, from the lexicon."""

from __future__ import annotations

from itertools import groupby

from cleaning.rules.entries import LexiconRule, lexicon
from docs.hooks.markdown import code

_HEAD = """\
# Cleaning rules

The lexicon lists furniture that is known by its words. A rule judges one line, and only up to a length. So a
law that mentions comments or copyright keeps its paragraphs. Each rule has two examples, which the tests run:
a line that it removes and a line that it keeps. A receipt names the rule as `lexicon:` and its name.

Rules are grouped by the [kind](values.md#removal-kinds) of furniture that they remove.
"""

_LANGUAGES = {"en": "English", "zh": "Chinese", "any": "any language"}


def page() -> str:
    """Return the page: a section for each kind, with the rules of that kind."""
    parts = [_HEAD]
    for kind, rules in groupby(sorted(lexicon(), key=lambda rule: rule.kind.value), lambda rule: rule.kind):
        parts += [f"## {kind.value}", *map(_section, rules)]
    return "\n\n".join(parts) + "\n"


def _section(rule: LexiconRule) -> str:
    return "\n".join([
        f"### {rule.id}\n",
        f"{rule.why}\n",
        f"- Removes: {code(rule.removes)}",
        f"- Keeps: {code(rule.keeps)}",
        f"- Applies to: {_scope(rule)}",
    ])  # fmt: skip


def _scope(rule: LexiconRule) -> str:
    """Where a rule speaks, in words."""
    parts = [_LANGUAGES.get(rule.lang, rule.lang), f"lines of at most {rule.max} characters"]
    if rule.where:
        parts.append(f"at the {rule.where} of a page")
    if rule.beside:
        parts.append(f"next to {', '.join(sorted(kind.value for kind in rule.beside))}")
    if rule.opens:
        parts.append("with the short lines that follow")
    if rule.inline:
        parts.append("only the matching words, not the whole line")
    return "; ".join(parts)

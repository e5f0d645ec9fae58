"""The model's card and its floors, written from the figures of its training."""

from __future__ import annotations

import collections
import hashlib
import json
from collections.abc import Mapping, Sequence

from benchmarks.train_pages import SETS, Page

_CARD = """# The block model

Tells the text of a web page from its furniture, block by block, and names the furniture's kind.
Gradient-boosted trees (LightGBM) in two ensembles, a first look at each block and a second look that sees the
first's guesses around it and what the site's other pages say (for a page in Chinese the mean of both counts);
and a multinomial logistic regression (scikit-learn) for the kinds. Written by `make model`; the same inputs
give the same bytes.
SHA-256 {files}.

## Data and licence

{data}
- {furniture} pages more are the menus, headers and footers of some of these, as if there were nothing else

The pages keep their owners' rights and are not part of Tamis; the model holds thresholds and weights on
counts and positions, and no words of them. The model is under Tamis's own licence, Apache-2.0.

## Convention

Content is what a reader came for: text with its headings, lists, tables and captions; in a forum the
posts; on a page that sells or lists, the descriptions and the entries. Not content: menus, bylines, share
bars, comments below an article, related lists, footers. The gold texts disagree on titles and bylines:
zh-labelled leaves titles out, multisite and wcxb often keep them. Features name no set, so the model keeps
a title where its page looks like one whose gold keeps it.

## Figures

Five folds, grouped by registered domain over all sets together ({groups} groups); F1 of the bag of tokens,
a mean over pages. "With site" means with a profile of the site's other pages, where the set has any.

| Set | Pages | F1 with site | F1 alone |
|---|---|---|---|
{figures}

Kind of a removed block, share right over the labelled furniture of zh-labelled: {kinds:.3f}.
Pages more than 0.1 below trafilatura's defaults: {below}.

## What it is bad at

- Pages that sell, list or collect: what counts as their content is decided by the labeller more than by
  the page.
- Forum threads whose gold text ends after the first posts: it keeps the later ones.
- Pages with no content at all: it always keeps its best guess, and what asks it must doubt.
- A short list near the end of a short text may pass for a menu, and notes at its foot for links.
- Chinese was learnt from {chinese} pages, mostly news and forums.
- Kinds seen a few times only in training (paywall, teaser, captcha, cookie) are left to the lexicon's rules.
"""


def card(
    pages: Sequence[Page],
    furniture: Sequence[Page],
    files: Mapping[str, bytes],
    with_site: Mapping[str, float],
    alone: Mapping[str, float],
    kinds: float,
    below: Mapping[str, float],
) -> str:
    """Return the card, in Markdown."""
    count = collections.Counter(name for page in pages for name in (page.set, f"{page.set}/{page.subset}"))
    return _CARD.format(
        files=", ".join(
            f"of `{name}` ({len(data) // 1024} KB) `{hashlib.sha256(data).hexdigest()}`"
            for name, data in files.items()
        ),
        data="\n".join(
            f"- `{name}-dev`: {count[name]} pages of {len({p.group for p in pages if p.set == name})} domains"
            for name in SETS
        ),
        furniture=len(furniture),
        groups=len({page.group for page in pages}),
        figures="\n".join(
            f"| {name} | {count[name]} | {with_site[name]:.4f} | {alone[name]:.4f} |" for name in with_site
        ),
        kinds=kinds,
        below=", ".join(f"{name} {share:.1%}" for name, share in below.items()),
        chinese=sum(page.set.startswith("zh") for page in pages),
    )


def floors(with_site: Mapping[str, float], kinds: float, below: Mapping[str, float]) -> str:
    """Return the floors, in JSON: figures of cross-validation that no later model may fall below."""
    return json.dumps({"f1": with_site, "kinds": kinds, "below_trafilatura": below}, indent=1) + "\n"

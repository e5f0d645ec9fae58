"""Trains the block model: `make model`.

    .venv/bin/python -m benchmarks.train --data ../shared/data

Writes `cleaning/model/weights/`: the model, its card, and the floors that its figures must not fall below.
All figures are of cross-validation grouped by domain over all sets together; the same inputs give the same
bytes.
"""

from __future__ import annotations

import collections
import math
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import train_fit
from benchmarks.as_run import SCORES
from benchmarks.train_card import card, floors
from benchmarks.train_pages import SETS, Page, bag_f1, folders, load, trafilatura_f1
from cleaning.model.classify import KINDS, combine_passes
from cleaning.model.ensemble import dump
from cleaning.model.features.context import choose
from cleaning.model.profile import MISSING
from cleaning.model.softmax import Softmax
from cleaning.page.kinds import kind_by_place
from output.base.records import RemovalKind

Floats = npt.NDArray[np.float64]
MODEL = Path("cleaning/model/weights")
_ROUNDS = (140, 160)
# What the labellers of the Chinese set call what we name otherwise; text and title are no furniture.
_KIND_OF = {"meta": RemovalKind.BYLINE}
_TEXT = ("", "content", "title")
# Pages without labels lend the names of their templates, at this weight.
_WEAK = 0.2


def main() -> None:
    """Train, measure, write."""
    options = folders(__doc__)
    labelled, furniture = load(options.data, options.cache)
    pages = [*labelled, *furniture]
    guesses, first = train_fit.looked(pages, [page.rows for page in pages], _ROUNDS[0])
    print("first look", figures(labelled, guesses[: len(labelled)]), flush=True)
    sites = train_fit.site_rows(pages, guesses)
    alone = [np.full_like(site, MISSING) for site in sites]
    with_site = train_fit.second_rows(pages, guesses, sites)
    without = train_fit.second_rows(pages, guesses, alone)
    known = [i for i in range(len(labelled)) if np.any(sites[i] != MISSING)]
    scores, second = train_fit.looked(
        [*pages, *(pages[i] for i in known)], [*with_site, *(without[i] for i in known)], _ROUNDS[1]
    )
    looked_at = [*range(len(pages)), *known]
    scores = [
        combine_passes(pages[i].blocks, pages[i].rows, guesses[i], one)
        for i, one in zip(looked_at, scores, strict=True)
    ]
    single = scores[: len(labelled)]
    for i, score in zip(known, scores[len(pages) :], strict=True):
        single[i] = score
    with_site, scores = with_site[: len(labelled)], scores[: len(labelled)]
    measured, measured_alone = figures(labelled, scores), figures(labelled, single)
    print("second look", measured, flush=True)
    (options.cache / SCORES).write_bytes(pickle.dumps(scores, protocol=5))
    share, kinds = learn_kinds(labelled, with_site, scores)
    print("kinds", share, flush=True)
    below = worse(labelled, scores, trafilatura_f1(options.data, options.cache))
    print("below", below, flush=True)
    files = {"blocks.npz": dump((first, second)), "kinds.npz": kinds.dump()}
    MODEL.mkdir(exist_ok=True)
    for name, data in files.items():
        (MODEL / name).write_bytes(data)
    (MODEL / "floors.json").write_text(floors(measured, share, below))
    (MODEL / "CARD.md").write_text(card(labelled, furniture, files, measured, measured_alone, share, below))


def kept(page: Page, score: Floats) -> npt.NDArray[np.bool_]:
    """Return the blocks that the model keeps."""
    return choose(score, page.tokens)[0] if len(score) else np.zeros(0, dtype=bool)


def page_f1(page: Page, score: Floats) -> float:
    """F1 of the bag of tokens of what the model keeps of a page."""
    found: collections.Counter[str] = collections.Counter()
    for bag, keep in zip(page.bags, kept(page, score), strict=True):
        if keep:
            found.update(bag)
    return bag_f1(found, page.gold)


def figures(pages: Sequence[Page], scores: Sequence[Floats]) -> dict[str, float]:
    """Mean F1 of each set and subset."""
    f1: collections.defaultdict[str, list[float]] = collections.defaultdict(list)
    for page, score in zip(pages, scores, strict=True):
        found = page_f1(page, score)
        f1[page.set].append(found)
        f1[f"{page.set}/{page.subset}"].append(found)
    return {name: round(sum(values) / len(values), 4) for name, values in sorted(f1.items())}


def worse(pages: Sequence[Page], scores: Sequence[Floats], baseline: dict[str, float]) -> dict[str, float]:
    """Return the share of each set's pages that are more than 0.1 below trafilatura."""
    below = {name: [0, 0] for name in SETS}
    for page, score in zip(pages, scores, strict=True):
        below[page.set][0] += page_f1(page, score) < baseline[f"{page.set}:{page.id}"] - 0.1
        below[page.set][1] += 1
    return {name: round(n / total, 4) for name, (n, total) in below.items()}


def learn_kinds(
    pages: Sequence[Page], rows: Sequence[train_fit.Rows], scores: Sequence[Floats]
) -> tuple[float, Softmax]:
    """Return the share of labelled furniture pieces removed under the right kind, and the regression.

    A block weighs the less the more blocks its page lends: a page of a thousand menu entries is one layout.
    """
    order = {kind: n for n, kind in enumerate(KINDS)}
    rng = np.random.default_rng(0)
    x, y, w, folds = [], [], [], []
    for page, of_page, score in zip(pages, rows, scores, strict=True):
        labelled = page.set == "zh-labelled"
        lent = []
        for i, block in enumerate(page.blocks):
            if labelled and page.kinds[i] not in _TEXT:
                lent.append((i, _kind(page.kinds[i])))
            elif not labelled and score[i] < 0.2 and rng.random() < 0.1:
                kind = kind_by_place(block)
                if kind is not RemovalKind.OTHER:
                    lent.append((i, kind))
        for i, kind in lent:
            x.append(of_page[i])
            y.append(order[kind])
            w.append((1.0 if labelled else _WEAK) / math.sqrt(len(lent)))
            folds.append(train_fit.fold_of(page))
    matrix, classes, weight, fold_of = np.array(x), np.array(y), np.array(w), np.array(folds)
    right = total = 0
    for fold in range(train_fit.FOLDS):
        learnt = fold_of != fold
        regression = train_fit.kinds(matrix[learnt], classes[learnt], weight[learnt], len(KINDS))
        for page, of_page, score in zip(pages, rows, scores, strict=True):
            if page.set == "zh-labelled" and train_fit.fold_of(page) == fold and len(score):
                keep = kept(page, score)
                found = regression.scores(of_page).argmax(axis=1)
                pieces = [(order[_kind(label)], i) for label, i in page.furniture if label not in _TEXT]
                right += sum(i >= 0 and not keep[i] and found[i] == kind for kind, i in pieces)
                total += len(pieces)
    return round(right / total, 4), train_fit.kinds(matrix, classes, weight, len(KINDS))


def _kind(label: str) -> RemovalKind:
    return _KIND_OF.get(label) or RemovalKind(label)


if __name__ == "__main__":
    main()

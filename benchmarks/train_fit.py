"""Cross-validation and fitting of the block model: its trees with LightGBM, its kinds with scikit-learn."""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.train_pages import Page
from cleaning.model import profile as profiles
from cleaning.model.ensemble import Ensemble
from cleaning.model.features import context as features_context
from cleaning.model.profile import MISSING
from cleaning.model.softmax import Softmax, standardised

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32]
FOLDS = 5
# One thread, fixed seeds: the same inputs give the same trees. Shallow trees walk fast at run time.
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.08,
    "num_leaves": 40,
    "max_depth": 8,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "seed": 7,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
# The Chinese sets have a twentieth of the pages: each of theirs counts four times.
_SET_WEIGHT = {"wcxb": 1.0, "multisite": 1.0, "zh": 4.0, "zh-labelled": 4.0, "furniture": 0.5}
# A block's weight grows with its tokens, but a long paragraph is one decision too.
_TOKEN_POWER = 0.75
# Of a page with more blocks, a sample of so many is learnt from, short furniture more rarely than the rest.
_BLOCKS = 250
# Of the regression: the inverse of its penalty, its solver's steps, and the least a feature is scaled by.
_KIND_FREEDOM, _KIND_STEPS, _LEAST_SCALE = 0.001, 1000, 0.01
# The bias of a class without examples.
_NEVER = -1e6


def fold_of(page: Page) -> int:
    """Return the fold that holds the page out; all pages of a registered domain share it, over all sets."""
    return int(hashlib.sha1(page.group.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def weights(page: Page) -> Floats:
    """Return the weight of each block of a page; a page's weights sum to that of its set."""
    weight = np.maximum(page.tokens, 0.3) ** _TOKEN_POWER
    return _SET_WEIGHT[page.set] * weight / max(float(weight.sum()), 1e-9)


def looked(pages: Sequence[Page], rows: Sequence[Rows], rounds: int) -> tuple[list[Floats], Ensemble]:
    """Out-of-fold probabilities for each page's blocks, and the ensemble fitted on all pages."""
    rng = np.random.default_rng(0)
    picked, weight = zip(*[_sample(page, rng) for page in pages], strict=True)
    x = np.vstack([of_page[k] for of_page, k in zip(rows, picked, strict=True)])
    y = np.concatenate([page.share[k] for page, k in zip(pages, picked, strict=True)])
    w = np.concatenate(weight)
    folds = np.concatenate([np.full(len(k), fold_of(page)) for page, k in zip(pages, picked, strict=True)])
    settings = {**_SETTINGS, "objective": "cross_entropy"}
    data = lightgbm.Dataset(x, y, weight=w / w.mean(), params=settings, free_raw_data=False).construct()
    probabilities: list[Floats] = [np.zeros(0)] * len(pages)
    for fold in range(FOLDS):
        booster = lightgbm.train(settings, data.subset(np.flatnonzero(folds != fold)), rounds)
        ensemble = ensemble_of(booster)
        for i, page in enumerate(pages):
            if fold_of(page) == fold:
                probabilities[i] = 1 / (1 + np.exp(-ensemble.scores(rows[i])))
    return probabilities, ensemble_of(lightgbm.train(settings, data, rounds))


def second_rows(pages: Sequence[Page], guesses: Sequence[Floats], sites: Sequence[Floats]) -> list[Rows]:
    """Return what the second look sees of each page."""
    return [
        np.hstack([page.rows, features_context.context(page.blocks, page.tokens, guess), site]).astype(
            np.float32
        )
        if len(page.blocks)
        else np.zeros(
            (0, page.rows.shape[1] + len(features_context.NAMES) + len(profiles.NAMES)), dtype=np.float32
        )
        for page, guess, site in zip(pages, guesses, sites, strict=True)
    ]


def site_rows(pages: Sequence[Page], guesses: Sequence[Floats]) -> list[Floats]:
    """Return what a profile of the site's other distinct pages says of each page, as at run time."""
    by_site: collections.defaultdict[tuple[str, str, str], list[int]] = collections.defaultdict(list)
    for i, page in enumerate(pages):
        if page.site and page.blocks:
            by_site[page.set, page.subset if page.set == "multisite" else "", page.site].append(i)
    rows = [np.full((len(page.blocks), len(profiles.NAMES)), MISSING) for page in pages]
    for members in by_site.values():
        profile = profiles.fit_samples(profiles.sample_of(pages[i].blocks, guesses[i]) for i in members)
        if profile is not None:
            for i in members:
                rows[i] = profile.features(pages[i].blocks)
    return rows


def kinds(rows: Rows, classes: npt.NDArray[np.int64], weight: Floats, outputs: int) -> Softmax:
    """Return the regression that tells the kinds of furniture apart: a class nobody has is never chosen.

    Some thousands of labels of some dozens of pages are too few for trees, whose figures moved by .07 with
    the pages that lent them weak labels.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + _LEAST_SCALE
    fitted = LogisticRegression(C=_KIND_FREEDOM, max_iter=_KIND_STEPS)
    with threadpool_limits(1):
        fitted.fit(
            standardised(rows, mean, scale).astype(np.float64), classes, sample_weight=weight / weight.mean()
        )
    weights, bias = np.zeros((rows.shape[1], outputs)), np.full(outputs, _NEVER)
    weights[:, fitted.classes_], bias[fitted.classes_] = fitted.coef_.T, fitted.intercept_
    return Softmax(mean, scale, weights.astype(np.float32), bias.astype(np.float32))


def ensemble_of(booster: lightgbm.Booster) -> Ensemble:
    """Return a trained booster as the arrays that `cleaning.model.ensemble` walks."""
    feature: list[int] = []
    threshold: list[float] = []
    children: list[int] = []
    value: list[float] = []
    roots: list[int] = []
    deepest = 0
    for tree in booster.dump_model()["tree_info"]:
        roots.append(len(feature))
        waiting: list[tuple[dict[str, Any], int, int]] = [(tree["tree_structure"], -1, 0)]
        while waiting:
            node, slot, depth = waiting.pop()
            here = len(feature)
            if slot >= 0:
                children[slot] = here
            split = "split_feature" in node
            feature.append(node["split_feature"] if split else 0)
            threshold.append(node["threshold"] if split else 0.0)
            value.append(0.0 if split else node["leaf_value"])
            children += [here, here]
            deepest = max(deepest, depth)
            if split:
                waiting += [
                    (node["right_child"], 2 * here + 1, depth + 1),
                    (node["left_child"], 2 * here, depth + 1),
                ]
    return Ensemble(
        feature=np.array(feature, dtype=np.int32),
        threshold=np.array(threshold, dtype=np.float32),
        children=np.array(children, dtype=np.int32),
        value=np.array(value, dtype=np.float32),
        roots=np.array(roots, dtype=np.int32),
        depth=deepest,
    )


def _sample(page: Page, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return indices of the blocks to learn from, and their weights, raised for those they stand for."""
    weight = weights(page)
    if len(weight) <= _BLOCKS:
        return np.arange(len(weight)), weight
    interest = np.where((page.share > 0.05) | (page.tokens >= 8), 1.0, 0.25)
    chance = np.clip(interest * _BLOCKS / interest.sum(), 0.05, 1.0)
    picked = np.flatnonzero(rng.random(len(weight)) < chance)
    return picked, weight[picked] / chance[picked]

"""The block model: it decides which blocks of a page are content, and what kind the others are.

It has two passes. The first judges each block by its features. The second also sees the first's results for
neighbours and containers, and what the site's other pages say. The kept set maximises the expected F1.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.resources
import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cleaning.model.ensemble import Ensemble, load
from cleaning.model.features import context as features_context
from cleaning.model.features.page import NAMES as FIRST_NAMES
from cleaning.model.features.page import features
from cleaning.model.profile import CHANGED, MISSING, Profile, fit_samples, sample_of
from cleaning.model.profile import NAMES as SITE_NAMES
from cleaning.model.softmax import Softmax
from cleaning.page.containers import containers
from cleaning.page.labels import Label
from cleaning.page.parse import Block, Parsed
from cleaning.text.lines import HAN, word_count
from output.base.records import RemovalKind

Floats = npt.NDArray[np.float64]

# The kinds that the model knows, in the order of its classes.
KINDS: Final[tuple[RemovalKind, ...]] = tuple(
    kind for kind in RemovalKind if kind is not RemovalKind.REJECTED
)

# So many blocks take the model about half a second; real pages have hundreds.
_MAX_BLOCKS: Final = 20_000
# With a lower expected F1 another engine may be better. trafilatura is made for words with spaces, so a page
# in Chinese needs a still lower one.
_MIN_EXPECTED_F1, _MIN_EXPECTED_F1_CHINESE = 0.3, 0.2
# A page with a greater share of hanzi, kana and hangul among its tokens is in Chinese; the feature's column.
_MIN_CHINESE_SHARE: Final = 0.5
_HANZI_FEATURE: Final = FIRST_NAMES.index("page_hanzi")
# Probabilities are kept so far from 0 and 1, for their log-odds.
_MIN_PROBABILITY: Final = 1e-6
# Fewer words of text, and a smaller share of the page's words, are a line of its menus and forms.
_MIN_TEXT_WORDS: Final = 40
_MIN_TEXT_SHARE: Final = 0.25
# So many characters show whether a page is in Chinese.
_SAMPLE_CHARACTERS: Final = 100_000
# The usual length of a word, with the space behind it left out.
_WORD_CHARACTERS: Final = 6
_HAN: Final = re.compile(f"[{HAN}]")
_UNJUDGED: Final = Label(None, "model:unjudged", f"beyond block {_MAX_BLOCKS}", 0.5)


def model_version() -> str:
    """Return the name of the model for a document's provenance: the checksum of its files."""
    return f"blocks-{_version()}"


@dataclasses.dataclass(frozen=True)
class PageScores:
    """A parsed page with the results of the first pass, computed once for its site's profile and its own
    labels.

    `warnings` are those of its decoding. `rows` and `guess` have one entry a block.
    """

    parsed: Parsed
    warnings: tuple[str, ...] = ()

    @functools.cached_property
    def rows(self) -> npt.NDArray[np.float32]:
        """Return the features of the first pass."""
        return features(self.parsed)

    @functools.cached_property
    def guess(self) -> Floats:
        """Return each block's probability to be content, from the page alone."""
        return _probability(_passes()[0].scores(self.rows))


def label(parsed: Parsed, profile: Profile | None = None, scores: PageScores | None = None) -> list[Label]:
    """Return a label for every block. `profile` is the site's, `scores` the first pass where it was computed
    already.

    On a page with more blocks than any real one, those beyond the cap stay, under the rule `model:unjudged`.
    """
    if not parsed.blocks:
        return []
    labelled = (
        dataclasses.replace(parsed, blocks=parsed.blocks[:_MAX_BLOCKS])
        if len(parsed.blocks) > _MAX_BLOCKS
        else parsed
    )
    if scores is None or scores.parsed is not labelled:
        scores = PageScores(labelled)
    tokens = _tokens(scores.rows)
    rows = _second_pass_features(scores, tokens, profile)
    score = combine_passes(
        labelled.blocks, scores.rows, scores.guess, _probability(_passes()[1].scores(rows))
    )
    kept, threshold, _ = features_context.choose(score, tokens)
    kinds = np.full(len(rows), -1)
    kinds[~kept] = _kinds().scores(rows[~kept]).argmax(axis=1)
    rule, kept_from = f"model:{_version()}", f"kept from {threshold:.3f}"
    labels = [
        Label(None if kind < 0 else KINDS[kind], rule, f"{p:.3f}, {kept_from}", p)
        for kind, p in zip(kinds.tolist(), score.tolist(), strict=True)
    ]
    return labels + [_UNJUDGED] * (len(parsed.blocks) - len(labels))


def fit_profile(pages: Iterable[PageScores]) -> Profile | None:
    """Return a site's profile from its pages, or None for too few distinct ones.

    It reads at most ten distinct pages. Give pages of one URL pattern, in an order that does not change.
    """
    return fit_samples(
        sample_of(page.parsed.blocks, page.guess)
        for page in pages
        if 0 < len(page.parsed.blocks) <= _MAX_BLOCKS
    )


def misfit(fit: float) -> str:
    """Return why a page with this `Profile.fit_of` should be read without the profile ("profile_fit:0.21"),
    or "".
    """
    return f"profile_fit:{fit:.2f}" if MISSING < fit < CHANGED else ""


def low_confidence_reason(parsed: Parsed, labels: Sequence[Label]) -> str:
    """Return why the model's choice should not be trusted ("expected_f1:0.31"), or "".

    Scores are calibrated probabilities, so the F1 expected from them holds too. In cross-validation one page
    in a hundred and eighty is below `_MIN_EXPECTED_F1`. From there to .5 trafilatura is as often worse as
    better. Six pages in Chinese were below .5 in four trainings: two were better with it by .2, four worse by
    .6.
    """
    if not parsed.blocks:
        return "expected_f1:0.00"
    lengths = np.array([len(block.text) / _WORD_CHARACTERS for block in parsed.blocks])
    _, _, expected = features_context.choose(np.array([of.score for of in labels]), lengths)
    sample = parsed.text[:_SAMPLE_CHARACTERS]
    hanzi = len(_HAN.findall(sample))
    trusted = _MIN_EXPECTED_F1_CHINESE if hanzi * (_WORD_CHARACTERS + 1) > len(sample) else _MIN_EXPECTED_F1
    return f"expected_f1:{expected:.2f}" if expected < trusted else ""


def is_bare(parsed: Parsed, labels: Sequence[Label], others: Sequence[Label]) -> bool:
    """Return whether a page of low confidence has no text, only furniture. A hanzi counts as a word.

    The model expects fewer than `_MIN_TEXT_WORDS` words, and so few are kept by another engine's labels
    (`others`). In cross-validation 12 pages of 2,743 are bare: six have no gold text, six have 8 to 33 words
    of it.
    """
    words = [word_count(block.text) for block in parsed.blocks]
    expected = sum(n * of.score for n, of in zip(words, labels, strict=True))
    kept = sum(n for n, of in zip(words, others, strict=True) if of.content)
    return max(expected, kept) < min(_MIN_TEXT_WORDS, _MIN_TEXT_SHARE * sum(words))


def combine_passes(
    blocks: Sequence[Block], rows: npt.NDArray[np.float32], first: Floats, second: Floats
) -> Floats:
    """Return the probability of each block from both passes; `rows` are the features of the first.

    It is the second pass's, or for a page in Chinese the mean of both log-odds. The second pass learnt less
    from a hundred Chinese pages than from two thousand others. In most trainings it alone was .01 to .02
    worse on them. Half of the result is the mean over blocks of the same path, since the rows of a list are
    kept or removed together.
    """
    if not len(rows):
        return second
    odds = _log_odds(second)
    if rows[0, _HANZI_FEATURE] > _MIN_CHINESE_SHARE:
        odds = (odds + _log_odds(first)) / 2
    (paths,) = containers(blocks, 1)
    alike = features_context.mean_by(paths, odds, _tokens(rows) + features_context.LEAST_WEIGHT)
    return _probability((odds + alike) / 2)


def _second_pass_features(
    scores: PageScores, tokens: Floats, profile: Profile | None
) -> npt.NDArray[np.float32]:
    blocks, first = scores.parsed.blocks, scores.rows.shape[1]
    context = features_context.context(blocks, tokens, scores.guess)
    rows = np.full((len(blocks), first + context.shape[1] + len(SITE_NAMES)), MISSING, dtype=np.float32)
    rows[:, :first] = scores.rows
    rows[:, first : -len(SITE_NAMES)] = context
    if profile is not None:
        rows[:, -len(SITE_NAMES) :] = profile.features(blocks)
    return rows


def _tokens(rows: npt.NDArray[np.float32]) -> Floats:
    """Return the tokens of each block. The first feature is their logarithm."""
    return np.rint(np.expm1(rows[:, 0].astype(np.float64)))


def _probability(scores: Floats) -> Floats:
    return 1 / (1 + np.exp(-scores))


def _log_odds(probability: Floats) -> Floats:
    inside = np.clip(probability, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    odds: Floats = np.log(inside / (1 - inside))
    return odds


@functools.cache
def _passes() -> tuple[Ensemble, ...]:
    return load(_file("blocks.npz"))


@functools.cache
def _kinds() -> Softmax:
    return Softmax.load(_file("kinds.npz"))


@functools.cache
def _version() -> str:
    return hashlib.sha256(_file("blocks.npz") + _file("kinds.npz")).hexdigest()[:8]


def _file(name: str) -> bytes:
    return importlib.resources.files("cleaning.model").joinpath("weights", name).read_bytes()

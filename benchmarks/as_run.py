"""F1 of all of `clean` on pages that the model has not seen: its own scores of cross-validation in place of
those of the model that ships.

    .venv/bin/python -m benchmarks.as_run --data ../shared/data

Reads what `make model` leaves in its cache: run that first. Prints for each set F1, the share of its pages
more than 0.1 below trafilatura, and how many pages trafilatura was asked for.
"""

from __future__ import annotations

import collections
import pickle
from unittest import mock

from benchmarks.train_pages import SETS, Page, bag_f1, folders, labelled_rows, load, tokenize, trafilatura_f1
from cleaning.model import classify
from cleaning.model.features.context import choose
from cleaning.page.kinds import kind_by_place
from cleaning.page.labels import Label
from cleaning.page.parse import Parsed
from cleaning.pipeline import assemble, clean
from output.base.records import RawPage, sha256_hex

SCORES = "scores.pickle"


def main() -> None:
    """Clean every labelled page with the scores of the fold that held it out."""
    options = folders(__doc__)
    pages = load(options.data, options.cache)[0]
    scores = pickle.loads((options.cache / SCORES).read_bytes())  # our own file, of the training before
    known = {(page.set, page.id): (page, score) for page, score in zip(pages, scores, strict=True)}
    baseline = trafilatura_f1(options.data, options.cache)
    for name in SETS:
        found, below, asked = [], 0, 0
        for identity, row in labelled_rows(options.data / f"{name}-dev.parquet"):
            body = row["html"]
            page = RawPage(identity, "", row.get("url") or "", body, sha256_hex(body))
            with mock.patch.object(
                classify, "label", lambda parsed, *_, of=known[name, identity]: _labels(parsed, *of)
            ):
                (cleaned,) = assemble([clean(page)])
            text = "\n\n".join(document.text for document in cleaned.documents)
            wanted = collections.Counter(tokenize(row["main_content"] or ""))
            found.append(bag_f1(collections.Counter(tokenize(text)), wanted))
            below += found[-1] < baseline[f"{name}:{identity}"] - 0.1
            asked += any("trafilatura:" in warning for one in cleaned.documents for warning in one.warnings)
        share = below / len(found)
        print(
            f"{name}: F1 {sum(found) / len(found):.4f}, {share:.1%} below trafilatura, {asked} asked",
            flush=True,
        )


def _labels(parsed: Parsed, page: Page, score: classify.Floats) -> list[Label]:
    if len(parsed.blocks) != len(score):
        raise SystemExit(f"{page.set}:{page.id}: read otherwise than in training: run `make model` again")
    kept = choose(score, page.tokens)[0] if len(score) else score
    return [
        Label(None if stays else kind_by_place(block), "model:held_out", score=float(p))
        for block, stays, p in zip(parsed.blocks, kept, score, strict=True)
    ]


if __name__ == "__main__":
    main()

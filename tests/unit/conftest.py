from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cleaning.relations.types import Candidate
from output.base.records import text_version
from output.ledger.ledger import Ledger
from output.relations.index import RelationIndex
from tests.databases import BOTH, empty

_SYLLABLES = [start + end for start in "bdfghklmnprstvz" for end in ("a", "en", "or", "is")]
_CHINESE = [first + last for first in "港船货泊航灯检报登防培应" for last in "口舶物位道塔查告记护训急"]


@pytest.fixture
def law() -> Callable[..., str]:
    """Writes a law of so many articles, a line each; another seed, another law."""

    def write(seed: int, articles: int = 12, *, chinese: bool = False) -> str:
        chance = random.Random(seed)
        lines = []
        for number in range(1, articles + 1):
            if chinese:
                clauses = ["".join(chance.choices(_CHINESE, k=9)) for _ in range(4)]
                lines.append(f"第{number}条 {'，'.join(clauses)}。")
            else:
                words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(48)]
                words[::12] = ["harbour", "officers", "shall", "the"]
                sentences = [" ".join(words[:24]).capitalize(), " ".join(words[24:]).capitalize()]
                lines.append(f"Article {number}. {'. '.join(sentences)}.")
        return "\n".join(lines)

    return write


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    """A candidate of an id, a text and whatever else is known of it."""

    def make(id_: str, content: str, **known: object) -> Candidate:
        version = text_version(str(known.get("title", "")), content)
        return Candidate(id_, version, content, **known)  # type: ignore[arg-type]

    return make


@pytest.fixture(params=BOTH)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RelationIndex]:
    """An empty index in a ledger in either database."""
    with empty(request.param, tmp_path) as url:
        ledger = Ledger(url)
        yield RelationIndex(ledger.engine)
        ledger.close()

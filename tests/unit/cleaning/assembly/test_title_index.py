"""The index gives what comparing a title with all others gives, and compares few."""

import random

import pytest

from cleaning.assembly import title_index
from cleaning.assembly.title_index import TitleIndex
from cleaning.law.titles import Title, same_title

WORDS = [
    "harbour",
    "vessel",
    "crew",
    "pilot",
    "buoy",
    "tide",
    "cargo",
    "quay",
    "lock",
    "ferry",
    "anchor",
    "beacon",
    "berth",
    "dredge",
    "fender",
]


def english(rng: random.Random) -> Title:
    words = rng.sample(WORDS, rng.randint(2, 12))
    kind = rng.choice(["Provisions", "Rules", "Notice", "Order"])
    issuer = rng.choice(["", "", "Ministry of Finance "])
    return Title.of(f"{issuer}{kind} on the {' '.join(words)}", closed=rng.random() < 0.8)


def altered(title: Title, rng: random.Random) -> Title:
    words = title.text.split()
    if rng.random() < 0.5:
        words.pop(rng.randrange(len(words)))
    else:
        words.insert(rng.randrange(len(words)), rng.choice(WORDS))
    return Title.of(" ".join(words), closed=title.closed)


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_just_what_comparing_with_all_finds(seed: int) -> None:
    rng = random.Random(seed)
    titles = [english(rng) for _ in range(120)]
    titles += [altered(rng.choice(titles), rng) for _ in range(120)]
    titles += [Title.of(issuer + "关于港口灯号的通知") for issuer in ("", "国务院", "交通运输部")]
    index: TitleIndex[int] = TitleIndex()
    for number, title in enumerate(titles):
        index.add(title, number)
    matches = 0
    for title in titles:
        same = {number for number, other in enumerate(titles) if same_title(other, title)}
        assert set(index.find(title)) == same
        matches += len(same) - 1
    assert matches > 50


def test_a_title_is_compared_with_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counting(a: Title, b: Title) -> bool:
        compared.append(b)
        return same_title(a, b)

    monkeypatch.setattr(title_index, "same_title", counting)
    rng = random.Random(5)
    index: TitleIndex[int] = TitleIndex()
    titles = list({title.key: title for title in (english(rng) for _ in range(2000))}.values())
    for number, title in enumerate(titles):
        index.add(title, number)
    searched = rng.sample(titles, 50)
    for title in searched:
        list(index.find(title))
    assert len(compared) < len(titles) * len(searched) / 20

"""The block model on pages of ours: what stays, what leaves and as what."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import cleaning
from cleaning.model.classify import (
    PageScores,
    combine_passes,
    fit_profile,
    is_bare,
    label,
    low_confidence_reason,
    misfit,
    model_version,
)
from cleaning.model.ensemble import Ensemble, dump, load
from cleaning.model.features import context as features_context
from cleaning.model.features.page import NAMES, features
from cleaning.model.profile import MISSING, Profile
from cleaning.model.softmax import Softmax
from cleaning.page.labels import Label
from cleaning.page.parse import parse
from output.base.records import RemovalKind

STORIES = (
    (
        "The harbour board voted on Tuesday to widen the northern channel, after two years of hearings in "
        "which fishermen "
        "and shipping companies argued about depth, noise and the cost of dredging."
    ),
    (
        "Its chair said that the work would begin in spring and that the ferries would keep to their "
        "timetable; a fund "
        "for those who lose berths was to be settled before the summer."
    ),
    (
        "Opponents had asked for a longer study of the sea grass, which grows where the new mole is planned, "
        "and have "
        "announced that they will go to court."
    ),
    (
        "The engineers expect that the channel, once it is widened, will let two large ships pass each other "
        "at any tide, "
        "and that the pilots will need a year to get used to it."
    ),
    (
        "A review of all this, with the costs that came in by then, was promised for the third year, and the "
        "board would "
        "publish it in full, as it had done with the plans."
    ),
)
CHINESE = (
    (
        "市港务委员会周二表决通过了拓宽北航道的方案，此前两年里，"
        "渔民和航运公司就水深、噪声和疏浚费用进行了多次听证。"
    ),
    (
        "委员会主任表示，工程将于明年春季开工，渡轮仍按原来的时刻运行；"
        "对失去泊位的船主，补偿办法将在夏季之前确定。"
    ),
    "反对者要求对海草再作研究，因为新堤坝所在的水域正是海草生长的地方，他们宣布将向法院提起诉讼。",
    "工程师预计，航道拓宽以后，两艘大船在任何潮位都可以交会，而引航员需要一年时间来适应新的航道。",
)


def page(title: str, paragraphs: tuple[str, ...], lang: str = "en") -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""<html lang="{lang}"><head><title>{title} - Harbour Post</title></head><body>
    <header><ul class="menu"><li><a href="/">Home</a><li><a href="/n">News</a><li><a
    href="/a">About</a></ul></header> <div class="breadcrumb"><a href="/">Home</a> &gt; <a
    href="/n">News</a></div> <div class="article-content"><h1>{title}</h1>{body}
    <div class="share"><a href="#">Share</a> <a href="#">Tweet</a> <a href="#">Facebook</a></div></div>
    <div class="related"><h3>Related stories</h3><ul><li><a href="/1">Ferry late again</a><li><a
    href="/2">Fish prices</a> <li><a href="/3">A new crane</a></ul></div>
    <footer><p>Copyright © 2024 Harbour Post. All rights reserved.</p></footer></body></html>"""


def test_an_article_is_kept_and_its_furniture_named() -> None:
    parsed = parse(page("Board widens the channel", STORIES))
    labels = label(parsed)
    kept = {block.text for block, of in zip(parsed.blocks, labels, strict=True) if of.content}
    assert kept >= set(STORIES)
    gone = {block.text: of.kind for block, of in zip(parsed.blocks, labels, strict=True) if not of.content}
    assert gone["- News"] is RemovalKind.NAV
    assert "- Fish prices" in gone
    assert any(text.startswith("Copyright") for text in gone)
    assert all(of.rule == model_version().replace("blocks-", "model:") for of in labels)
    assert all(0 <= of.score <= 1 for of in labels)


def test_a_chinese_article_is_kept() -> None:
    parsed = parse(page("港务委员会拓宽北航道", CHINESE, "zh"))
    kept = {block.text for block, of in zip(parsed.blocks, label(parsed), strict=True) if of.content}
    assert kept >= set(CHINESE)
    assert "- Fish prices" not in kept


def test_of_a_chinese_page_both_looks_are_heard() -> None:
    first, second = np.array([0.9, 0.5]), np.array([0.1, 0.9])
    english, chinese = (parse(page("标题 Title", text)) for text in (("One." * 9,), ("这是一段正文。" * 9,)))
    apart = [
        (parsed.blocks[:: len(parsed.blocks) - 1], features(parsed)[:2]) for parsed in (english, chinese)
    ]
    assert combine_passes(*apart[0], first, second) == pytest.approx([0.1, 0.9])
    assert combine_passes(*apart[1], first, second) == pytest.approx([0.5, 0.75])
    sure = np.array([0.0, 1.0])
    assert combine_passes(*apart[1], sure, sure) == pytest.approx([0, 1], abs=1e-5)
    assert combine_passes((), apart[0][1][:0], first[:0], second[:0]).size == 0


def test_lines_of_one_path_are_drawn_to_one_another() -> None:
    parsed = parse(f"<ul>{'<li>One fee of many.' * 3}</ul><p>One line.")
    rows, score = features(parsed), np.array([0.9, 0.9, 0.1, 0.1])
    drawn = combine_passes(parsed.blocks, rows, score, score)
    assert drawn[0] == drawn[1]
    assert 0.5 < drawn[0] < 0.9
    assert 0.1 < drawn[2] < 0.5
    assert drawn[3] == pytest.approx(0.1)


def test_a_page_without_text_has_no_labels() -> None:
    assert label(parse("")) == []
    assert len(label(parse("<p>x</p>"))) == 1


def test_a_page_without_an_article_is_doubted() -> None:
    article = parse(page("Board widens the channel", STORIES))
    assert low_confidence_reason(article, label(article)) == ""
    menu = parse("<nav><ul>" + "".join(f"<li><a href=/{n}>Item {n}</a>" for n in range(40)) + "</ul></nav>")
    assert low_confidence_reason(menu, label(menu)).startswith("expected_f1:0.")
    assert low_confidence_reason(parse(""), []) == "expected_f1:0.00"


def test_a_chinese_page_is_doubted_later_for_other_engines_know_less_of_it() -> None:
    english, chinese = (
        parse(page("标题 Title", (text,) * 5)) for text in ("One more line. " * 9, "这是一段正文。" * 9)
    )
    for text, score, doubted in ((english, 0.15, True), (chinese, 0.15, False), (chinese, 0.05, True)):
        labels = [Label(None, "model", score=score)] * len(text.blocks)
        assert bool(low_confidence_reason(text, labels)) is doubted


def test_a_page_of_furniture_alone_is_bare_and_a_short_notice_is_not() -> None:
    menu = "".join(f"<li><a href=/{n}>Shop department {n}</a>" for n in range(40))
    shell = parse(f"<nav><ul>{menu}</ul></nav><form><p>Enter your e-mail to subscribe</p></form>")
    labels = [Label(RemovalKind.NAV, "model", score=0.02)] * len(shell.blocks)
    found = [*labels[1:], Label(None, "engine", score=1.0)]
    assert is_bare(shell, labels, found)
    assert not is_bare(shell, labels, [Label(None, "engine", score=1.0)] * len(labels))
    assert not is_bare(shell, [Label(None, "model", score=0.5)] * len(labels), found)
    notice = parse("<h1>Closed</h1><p>The ferry office is closed on Friday, all day.")
    doubted = [Label(None, "model", score=0.4)] * len(notice.blocks)
    assert not is_bare(notice, doubted, doubted)


def test_lines_beyond_the_cap_stay_together_and_say_so() -> None:
    page = parse("<p>para" * 20_003)
    assert "lines_together" in page.warnings
    assert page.blocks[-1].text == "\n".join(["para"] * 3)
    labels = label(page)
    assert [of.rule == "model:unjudged" for of in labels[19_999:]] == [False, True]
    assert labels[-1].content


def test_labels_do_not_depend_on_the_pages_before() -> None:
    parsed = parse(page("Board widens the channel", STORIES))
    first = label(parsed)
    label(parse(page("港务委员会拓宽北航道", CHINESE, "zh")))
    assert label(parsed) == first


def test_features_are_finite_and_named() -> None:
    rows = features(parse(page("Board widens the channel", STORIES)))
    assert rows.shape[1] == len(NAMES) == len(set(NAMES))
    assert np.isfinite(rows).all()


def test_a_hanzi_is_a_token() -> None:
    rows = features(parse("<p>港务委员会</p><p>harbour board</p>"))
    assert np.rint(np.expm1(rows[:, 0])).tolist() == [5, 2]


def test_the_choice_makes_expected_f1_greatest() -> None:
    probability = np.array([0.9, 0.1, 0.8, 0.05])
    tokens = np.array([100.0, 50.0, 20.0, 400.0])
    kept, threshold, expected = features_context.choose(probability, tokens)
    assert kept.tolist() == [True, False, True, False]
    assert threshold == pytest.approx(0.8)
    assert 0.8 < expected < 1


def test_many_blocks_that_may_be_wrong_together_are_no_safe_choice() -> None:
    """Were they independent, three tenths of forty lines of twenty words would be worth the rest."""
    probability, tokens = np.array([0.95, *[0.3] * 40]), np.array([100.0, *[20.0] * 40])
    kept, _, _ = features_context.choose(probability, tokens)
    assert kept.tolist() == [True, *[False] * 40]


def test_a_block_of_a_hundred_thousand_words_is_one_decision() -> None:
    kept, threshold, _ = features_context.choose(np.array([0.9, 0.12, 0.8]), np.array([300, 100_000, 200.0]))
    assert kept.tolist() == [True, False, True]
    assert threshold == pytest.approx(0.8)


def test_an_ensemble_walks_as_it_was_built_and_survives_its_file() -> None:
    stump = Ensemble(
        feature=np.array([1, 0, 0, 0, 0, 0], dtype=np.int32),
        threshold=np.array([0.5, 0, 0, 2.0, 0, 0], dtype=np.float32),
        children=np.array([1, 2, 1, 1, 2, 2, 4, 5, 4, 4, 5, 5], dtype=np.int32),
        value=np.array([0, -1, 1, 0, 10, 20], dtype=np.float32),
        roots=np.array([0, 3], dtype=np.int32),
        depth=1,
    )
    rows = np.array([[0, 0.5], [3, 0.6]], dtype=np.float32)
    assert stump.scores(rows).tolist() == [9, 21]
    data = dump((stump,))
    assert data == dump((stump,))
    assert load(data)[0].scores(rows).tolist() == [9, 21]


def test_trees_of_unlike_depth_are_walked_to_their_leaves_for_any_number_of_rows() -> None:
    # One is a stump; of the other the left side is a leaf, the right one splits again by another feature.
    trees = Ensemble(
        feature=np.array([0, 0, 0, 1, 0, 0, 0, 0], dtype=np.int32),
        threshold=np.array([1, 0, 0, 1, 0, 5, 0, 0], dtype=np.float32),
        children=np.array([1, 2, 1, 1, 2, 2, 4, 5, 4, 4, 6, 7, 6, 6, 7, 7], dtype=np.int32),
        value=np.array([0, -1, 1, 0, 10, 0, 20, 30], dtype=np.float32),
        roots=np.array([0, 3], dtype=np.int32),
        depth=2,
    )
    rows = np.array([[0, 0], [9, 0], [0, 2], [9, 2]] * 100, dtype=np.float32)
    assert trees.scores(rows).tolist() == [9, 11, 19, 31] * 100
    assert trees.scores(rows[:0]).tolist() == []


def test_a_regression_survives_its_file_and_a_wild_value_weighs_as_a_large_one() -> None:
    kinds = Softmax(floats([0]), floats([1]), floats([[1, 0]]), floats([0, 4]))
    assert kinds.dump() == kinds.dump()
    again = Softmax.load(kinds.dump())
    assert again.scores(floats([[1e9], [1]])).tolist() == [[3, 4], [1, 4]]
    assert again.scores(floats([[1]] * 99)).tolist() == [[1, 4]] * 99
    assert again.scores(np.zeros((0, 1), dtype=np.float32)).shape == (0, 2)


def floats(values: object) -> npt.NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


SITE = [
    page(
        f"Report number {n} of the board",
        tuple(f"{text} It was item {n * 7 + k} of the day." for k, text in enumerate(STORIES)),
    )
    for n in range(5)
]


def test_a_profile_knows_its_site() -> None:
    profile = fit_profile([PageScores(parse(html)) for html in SITE[:4]])
    assert profile is not None
    assert profile.fit_of(parse(SITE[4])) > 0.8
    foreign = parse("<body><main id=m>" + "".join(f"<section><h2>{text}</h2></section>" for text in STORIES))
    assert profile.fit_of(foreign) < 0.4
    assert misfit(profile.fit_of(foreign)).startswith("profile_fit:0.")
    assert misfit(profile.fit_of(parse(SITE[4]))) == ""
    last = parse(SITE[4])
    kept = [block.text for block, of in zip(last.blocks, label(last, profile), strict=True) if of.content]
    assert len([text for text in kept if "It was item" in text]) == len(STORIES)
    assert not any("rights reserved" in text for text in kept)


def test_a_profile_leaves_the_page_itself_out() -> None:
    pages = [parse(html) for html in SITE[:3]]
    profile = fit_profile(map(PageScores, pages))
    assert profile is not None
    rows = profile.features(pages[0].blocks)
    assert rows[0, 0] == 2
    unique = next(i for i, block in enumerate(pages[0].blocks) if "It was item" in block.text)
    assert rows[unique, 5] == 0  # no other page has that line


def test_twins_and_single_pages_make_no_profile() -> None:
    twin = parse(SITE[0])
    assert fit_profile([PageScores(twin)] * 3) is None
    assert fit_profile([]) is None
    lone = Profile(fit_profile([PageScores(parse(SITE[0])), PageScores(parse(SITE[1]))]).samples[:1])  # type: ignore[union-attr]
    assert (lone.features(twin.blocks) == MISSING).all()


def test_a_profile_survives_its_file() -> None:
    profile = fit_profile([PageScores(parse(html)) for html in SITE])
    assert profile is not None
    again = Profile.from_bytes(profile.to_bytes())
    assert again == profile
    assert again.version == profile.version
    for bad in (b"", b"{}", b"[]", json.dumps({"format": 99, "samples": []}).encode(), b"\xff"):
        with pytest.raises(ValueError, match="profile"):
            Profile.from_bytes(bad)


def test_the_model_is_small_and_needs_no_trainer() -> None:
    files = list((Path(cleaning.__path__[0]) / "model").iterdir())
    assert sum(file.stat().st_size for file in files) < 2_000_000
    code = "import cleaning.model.classify, sys; print('lightgbm' in sys.modules, 'scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]

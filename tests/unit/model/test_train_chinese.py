"""What the model learns from beside its pages: the same as if they were Chinese."""

from __future__ import annotations

import re

from benchmarks.train_chinese import as_chinese, translated
from cleaning.blocks import parse
from cleaning.features import NAMES, features
from cleaning.features_text import ZH_CUES
from cleaning.lines import HAN

PAGE = """<title>Sailing times</title><nav><a href=/>Home</a></nav><h1>Sailing times</h1>
<p>The ferry leaves the north quay at 8.30, and the last of the day comes back before it is dark.</p>"""


def test_words_become_hanzi_and_numbers_stay() -> None:
    line = translated("The ferry, which waits at the quay, left at 10:30 on January 5.")
    assert re.fullmatch(f"[{HAN}，。0-9:]+", line)
    assert "10:30" in line
    assert "1月5" in line


def test_a_word_is_always_the_same_and_a_cue_is_a_cue() -> None:
    assert translated("quay") in translated("old quay")
    assert translated("Share") in ZH_CUES["share"].split()


def test_what_has_no_words_and_what_is_chinese_stay_as_they_are() -> None:
    for line in ("", "8.30", "第一条", "and"):
        assert translated(line) == line


def test_features_read_it_as_chinese() -> None:
    page = parse(PAGE)
    read = features(as_chinese(page))
    assert read[0, NAMES.index("page_hanzi")] > 0.8
    assert read[1, NAMES.index("title_share")] == 1
    assert len(read) == len(page.blocks)

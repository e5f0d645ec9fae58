"""Counts over the words and characters of each block, in one pass over the page's text."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cleaning.page.block import Block
from cleaning.page.layout import FLAGS

Floats = npt.NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)

# Classes of characters. Every hanzi, kana and hangul syllable is a token; other letters and digits make
# words.
_OTHER, _LOWER, _UPPER, _DIGIT, _WIDE, _FUNCTION, _END, _COMMA, _SPACE, _BAR, _MONEY, _QUOTE, _CODE = range(
    13
)
_CLASS_COUNT: Final = 13
# Hanzi of grammar, in both scripts: sentences are made of them, names and menus are not.
_PARTICLES: Final = (
    "的了是在和不有这這那也就都而及与與或之其为為以于於等将將被把从從對对但并並因所可"
    "能会會要我你他她它们們个個"
)
_CLASS_CHARACTERS: Final[Mapping[int, str]] = {
    _END: ".!?;。！？；…",
    _COMMA: ",:，、：",
    _SPACE: " \t\n\u3000\u00a0\u200b",
    _BAR: "|»«›‹·•/→←-_*◆■●【】[]",
    _CODE: "{}<>=\\&#%@^~`+",
    _MONEY: "$€£¥￥₹",
    _QUOTE: "\"'“”‘’「」『』《》()（）",
    _FUNCTION: _PARTICLES,
}

# Words that speak for a kind of furniture, or of text; a line of menu holds few others.
_CUE_WORDS: Final[Mapping[str, str]] = {
    "share": "share tweet facebook twitter linkedin pinterest email e-mail print reddit whatsapp digg "
    "stumbleupon google+ delicious "
    "tumblr instagram youtube rss follow like likes bookmark",
    "comment": "comment comments reply replies respond response responses trackback trackbacks pingback "
    "report flag permalink",
    "account": "login log signin sign register registration password account subscribe subscriber "
    "subscribers subscription newsletter "
    "username join forgot logout",
    "legal": "copyright © (c) reserved rights privacy terms cookie cookies policy disclaimer trademark "
    "trademarks inc. llc ltd",
    "related": "related recommended popular trending latest recent more also similar next previous prev "
    "older newer read continue",
    "byline": "by posted published updated author written editor edited filed ago am pm est gmt january "
    "february march april june july "
    "august september october november december jan feb mar apr jun jul aug sep sept oct nov dec monday "
    "tuesday wednesday "
    "thursday friday saturday sunday",
    "menu": "home about contact menu search sitemap skip navigation back top categories category archives "
    "archive tags tag browse all "
    "view close open toggle help faq blog news careers press support main page pages site map",
    "shop": "cart price buy shipping stock sale reviews review add wishlist checkout quantity qty rating "
    "ratings stars shop order delivery "
    "usd save off free sku",
    "forum": "quote joined posts post thread threads member members views location edit topic topics "
    "forum moderator message messages "
    "joined: posts: location:",
    "advert": "advertisement advertisements sponsored ad ads promoted advertise advertising promotion",
    "person": "i you we he she my your our his her me us they their it's i'm don't",
    "grammar": "the of and to a in is that for it as was with be on not this are but at from have has had "
    "or an which were been will would "
    "there their if who what when about into than then them so no can could should must shall may any "
    "such other",
}
_CUE_OF_WORD: Final = {word: n for n, words in enumerate(_CUE_WORDS.values()) for word in words.split()}
_CUE_NUMBERS: Final = {name: n for n, name in enumerate(_CUE_WORDS)}
_GRAMMAR: Final = list(_CUE_WORDS).index("grammar")
# No paragraph is longer; what is, in a line of many megabytes, is judged by its beginning.
_MAX_CHARACTERS: Final = 50_000
# The first words of a block say what it is.
_MAX_WORDS: Final = 64
# The same for Chinese lines, which have no words to look up. Long lines are text, and speak of everything.
_MAX_CUE_CHARACTERS: Final = 60
_ZH_CUE_WORDS: Final[Mapping[str, str]] = {
    "share": "分享 微信 微博 朋友圈 点赞 點讚 转发 轉發 收藏 QQ空间 扫一扫 二维码 关注",
    "comment": "评论 評論 留言 回复 回覆 回復 跟帖 网友 網友 楼主",
    "account": "登录 登錄 登入 注册 註冊 订阅 訂閱 会员 會員 密码 账号 帳號 客户端 APP 下载 下載",
    "legal": "版权 版權 举报 舉報 備案 許可证 许可证 声明 聲明 免责 ICP 公网安备 侵权 隐私 協議 协议 违法",
    "related": "相关 相關 推荐 推薦 热门 熱門 延伸阅读 延伸閱讀 猜你 更多 上一篇 下一篇 最新 "
    "排行 热点 阅读全文 往期",
    "byline": "来源 來源 作者 编辑 編輯 责编 记者 記者 发布 發布 时间 時間 日期 阅读量 浏览 瀏覽",
    "menu": "首页 首頁 频道 頻道 导航 導航 搜索 搜尋 联系我们 聯絡我們 关于 關於 地图 返回 "
    "顶部 位置 栏目 网站",
    "shop": "价格 價格 购买 購買 购物车 优惠 元起 库存 商品",
    "forum": "发帖 回帖 主题 帖子 积分 版主 只看 发表于 發表於",
    "advert": "广告 廣告 推广 赞助",
}
_CUE_OF_ZH_WORD: Final = {
    word: _CUE_NUMBERS[cue] for cue, words in _ZH_CUE_WORDS.items() for word in words.split()
}
_ZH_WORD: Final = re.compile("|".join(_CUE_OF_ZH_WORD))
_ZH_DATE: Final = re.compile(r"\d+[年月日]|\d{4}-\d+-\d+")

_TAGS: Final = (
    "p",
    "li",
    "tr",
    "td",
    "div",
    "pre",
    "dd",
    "dt",
    "option",
    "button",
    "section",
    "article",
    "span",
    "a",
    "label",
)
BLOCK_FLAGS: Final = tuple(sorted((*FLAGS, "jsonld")))
TEXT_NAMES: Final = (
    "tokens",
    "characters",
    "token_length",
    "links",
    "linked_tokens",
    "upper",
    "digit",
    "wide",
    "stops",
    "ends",
    "commas",
    "bars",
    "money",
    "quotes",
    "code",
    "longest_word",
    "ends_sentence",
    "starts_upper",
    *(f"cue_{name}" for name in _CUE_WORDS),
    "level",
    "depth",
    "inline_link",
    "inline",
    "lines_of_element",
    *(f"tag_{name}" for name in _TAGS),
    *(f"in_{name}" for name in BLOCK_FLAGS),
)


class Counts(NamedTuple):
    """What the other groups build on, each an array with a place a block; `columns` are the text features."""

    tokens: Floats
    links: Floats
    stops: Floats
    ends: Floats
    money: Floats
    wide: Floats
    words: list[list[str]]
    columns: Floats


def count(blocks: Sequence[Block]) -> Counts:
    """The text features of blocks, in `TEXT_NAMES`."""
    n = len(blocks)
    texts = [block.text[:_MAX_CHARACTERS] for block in blocks]
    lengths = np.array(list(map(len, texts)), dtype=np.int64)
    ends = np.cumsum(lengths + 1)
    text = "\n".join(texts)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _class_table()[np.minimum(codes, 0xFFFF)]
    owner = np.repeat(np.arange(n), lengths + 1)[: len(codes)]
    by_class = np.bincount(owner * _CLASS_COUNT + classes, minlength=n * _CLASS_COUNT).reshape(
        n, _CLASS_COUNT
    )
    word = (classes >= _LOWER) & (classes <= _DIGIT)
    begins = word.copy()
    begins[1:] &= ~word[:-1]
    wide = by_class[:, _WIDE] + by_class[:, _FUNCTION]
    latin = np.bincount(owner[begins], minlength=n)
    tokens = wide + latin
    characters = np.maximum(by_class[:, _LOWER : _FUNCTION + 1].sum(axis=1), 1)
    links = np.array([block.links for block in blocks])
    words, cues = _cues(texts, wide)
    some = np.maximum(tokens, 1)
    read = np.maximum(np.minimum(latin, _MAX_WORDS) + wide, 1)
    stops = (cues[:, _GRAMMAR] + by_class[:, _FUNCTION]) / read
    columns = np.column_stack(
        [
            np.log1p(tokens),
            np.log1p(lengths),
            characters / some,
            links,
            links * tokens,
            by_class[:, _UPPER] / characters,
            by_class[:, _DIGIT] / characters,
            wide / characters,
            stops,
            by_class[:, _END] / some,
            by_class[:, _COMMA] / some,
            by_class[:, _BAR] / some,
            by_class[:, _MONEY],
            by_class[:, _QUOTE] / some,
            by_class[:, _CODE] / some,
            [min(max(map(len, of_block), default=0), 99) for of_block in words],
            classes[ends - 2] == _END,
            classes[ends - lengths - 1] == _UPPER,
            cues / read[:, None],
            [block.level for block in blocks],
            [block.depth for block in blocks],
            [block.inline[:1] == "a" and block.inline[1:2] in ("", ".", "#") for block in blocks],
            [block.inline != "" for block in blocks],
            np.log1p(_group_sizes([block.element for block in blocks])),
            _one_hot([block.tag for block in blocks], _of_tag),
            _one_hot([block.flags for block in blocks], _of_flags),
        ]
    )
    money = by_class[:, _MONEY].astype(float)
    return Counts(
        tokens.astype(float),
        links,
        stops,
        by_class[:, _END] / some,
        money,
        wide.astype(float),
        words,
        columns,
    )


def _group_sizes(keys: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """How many of the keys are the same as each."""
    counted = Counter(keys)
    return np.array([counted[key] for key in keys], dtype=np.int64)


def _one_hot(keys: Sequence[Key], row_of: Callable[[Key], tuple[bool, ...]]) -> npt.NDArray[np.bool_]:
    """The rows of the keys, each made once."""
    numbers = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return np.array([row_of(key) for key in numbers])[[numbers[key] for key in keys]]


def _cues(texts: Sequence[str], wide: npt.NDArray[np.int64]) -> tuple[list[list[str]], Floats]:
    """The lower-case words of each text, and how many of them cue what."""
    words_of = [text.lower().split() for text in texts]
    read = [words[:_MAX_WORDS] for words in words_of]
    flat = list(itertools.chain.from_iterable(read))
    cue = np.fromiter(map(_CUE_OF_WORD.get, flat, itertools.repeat(-1)), dtype=np.int64, count=len(flat))
    owner = np.repeat(np.arange(len(texts)), list(map(len, read)))
    places = (owner * len(_CUE_WORDS) + cue)[cue >= 0]
    found = (
        np.bincount(places, minlength=len(texts) * len(_CUE_WORDS)).reshape(-1, len(_CUE_WORDS)).astype(float)
    )
    chinese = [i for i in np.flatnonzero(wide).tolist() if len(texts[i]) <= _MAX_CUE_CHARACTERS]
    begun = [texts[i] for i in chinese]
    joined = "\n".join(begun)
    ends = list(itertools.accumulate(len(text) + 1 for text in begun))
    for match in _ZH_WORD.finditer(joined):
        found[chinese[bisect.bisect_right(ends, match.start())], _CUE_OF_ZH_WORD[match[0]]] += len(match[0])
    for match in _ZH_DATE.finditer(joined):
        found[chinese[bisect.bisect_right(ends, match.start())], _CUE_NUMBERS["byline"]] += len(match[0])
    return words_of, found


@functools.cache
def _class_table() -> npt.NDArray[np.uint8]:
    """The class of each character of the Basic Multilingual Plane; what lies above it is as U+FFFF."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        char = chr(code)
        if char.isalpha():
            table[code] = _UPPER if char.isupper() else _LOWER
        elif char.isdigit():
            table[code] = _DIGIT
    for first, last in (
        (0x3040, 0x30FF),
        (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF),
    ):
        table[first : last + 1] = _WIDE
    for kind, marks in _CLASS_CHARACTERS.items():
        table[[ord(mark) for mark in marks]] = kind
    return table


def _of_tag(tag: str) -> tuple[bool, ...]:
    return tuple(tag == name for name in _TAGS)


def _of_flags(flags: frozenset[str]) -> tuple[bool, ...]:
    return tuple(flag in flags for flag in BLOCK_FLAGS)

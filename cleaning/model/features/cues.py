"""Cue words: words that are typical of menus, comments and other furniture, or of running text."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Words that are typical of a kind of furniture, or of running text. A menu line holds few others.
CUE_WORDS: Final[Mapping[str, str]] = {
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
_CUE_OF_WORD: Final = {word: n for n, words in enumerate(CUE_WORDS.values()) for word in words.split()}
_CUE_NUMBERS: Final = {name: n for n, name in enumerate(CUE_WORDS)}
GRAMMAR: Final = list(CUE_WORDS).index("grammar")
# The first words of a block show what it is.
MAX_CUE_WORDS: Final = 64
# The same for Chinese lines, which have no words to look up. Longer lines are text, which holds any word.
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


def cues(texts: Sequence[str], wide: npt.NDArray[np.int64]) -> tuple[list[list[str]], Floats]:
    """Return the lower-case words of each text, and how many of its first words are of each cue.

    The counts have one row a text and one column a cue of `CUE_WORDS`. `wide` counts each text's wide
    characters.
    """
    words_of = [text.lower().split() for text in texts]
    read = [words[:MAX_CUE_WORDS] for words in words_of]
    flat = list(itertools.chain.from_iterable(read))
    cue = np.fromiter(map(_CUE_OF_WORD.get, flat, itertools.repeat(-1)), dtype=np.int64, count=len(flat))
    owner = np.repeat(np.arange(len(texts)), list(map(len, read)))
    cells = (owner * len(CUE_WORDS) + cue)[cue >= 0]
    found = (
        np.bincount(cells, minlength=len(texts) * len(CUE_WORDS)).reshape(-1, len(CUE_WORDS)).astype(float)
    )
    chinese = [i for i in np.flatnonzero(wide).tolist() if len(texts[i]) <= _MAX_CUE_CHARACTERS]
    beginnings = [texts[i] for i in chinese]
    joined = "\n".join(beginnings)
    ends = list(itertools.accumulate(len(text) + 1 for text in beginnings))
    for match in _ZH_WORD.finditer(joined):
        found[chinese[bisect.bisect_right(ends, match.start())], _CUE_OF_ZH_WORD[match[0]]] += len(match[0])
    for match in _ZH_DATE.finditer(joined):
        found[chinese[bisect.bisect_right(ends, match.start())], _CUE_NUMBERS["byline"]] += len(match[0])
    return words_of, found

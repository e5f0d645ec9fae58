"""Pages in the shapes that Tamis was made for, in other words: laws of the replicas' library in invented
furniture.

Each variant is a dump or HTML, chosen by its number, and knows its documents: titles, lines, verdict,
dates, number.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from html import escape

from flows.replicas.library import Work, long_date, regulation, works, written

TEASERS = ("Read the rest of this entry »", "Continue reading →", "Read more…", "Read the full post »")
CRUMBS = ("You are here: Start > Notices > Text", "My location: front page > Harbour > text")
FEET = ("Home | Services | Questions | Disclaimer | Site Map", "© 2013 Quay Texts Ltd. All rights reserved")
COMMENTS = ("2 thoughts on “{title}”", "3 Comments")
FORM = ("Leave a Reply", "Fill in your details below or click an icon to log in:", "Connecting to %s")
PAYWALL = (
    "Dear reader, you are attempting to view a subscription-based part of the collection. Please register.",
    "If you are not a subscriber, please subscribe or purchase this article by card.",
)
PAYWALL_ZH = (
    "您好:您现在要进入的是典藏会员专区,请注册并缴纳相应费用。",
    "本文为付费内容,开通会员后可查看全文。",
)
APP = ("潮声新闻APP", "扫描二维码下载APP", "登录", "退出登录")
BELOW = ("点赞", "收藏", "分享", "全部评论", "暂无评论,快来发表你的评论吧", "推荐视频")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A document that a variant holds: its titles in any language, its lines, and what is known of it."""

    titles: tuple[str, ...]
    lines: tuple[str, ...]
    cut: bool = False
    effective: str = ""
    published: str = ""
    number: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Variant:
    """A page: its bytes and type, its documents, the lines that must go, the marks of cut texts."""

    name: str
    body: bytes
    media: str
    documents: tuple[Wanted, ...]
    furniture: tuple[str, ...]
    teasers: tuple[str, ...] = ()


def variants(count: int) -> list[Variant]:
    """So many variants of each shape, always the same."""
    shapes: Sequence[Callable[[random.Random, str], Variant]] = (report, record, archive, post, two_items)
    return [
        shape(random.Random(n * 10 + k), f"{shape.__name__}-{n}")
        for k, shape in enumerate(shapes)
        for n in range(count)
    ]


def _works(dice: random.Random, count: int) -> list[Work]:
    known = [work for work in works().values() if not work.amends]
    return dice.sample(known, count)


def _page(dice: random.Random, name: str, lines: Sequence[tuple[str, str]], title: str) -> tuple[bytes, str]:
    """The lines as a dump with blank lines between them, or as HTML; each comes with its element."""
    if dice.random() < 0.5:
        gap = "\n" * dice.choice((1, 2, 3))
        return gap.join(text for text, _ in lines).encode(), "text/plain"
    body = "\n".join(
        f"<{tag}>{escape(text)}</{tag.split()[0]}>" if tag else escape(text) for text, tag in lines
    )
    html = f"<html><head><title>{escape(title)} | {name}</title></head><body><div>{body}</div></body></html>"
    return html.encode(), "text/html; charset=utf-8"


def report(dice: random.Random, name: str) -> Variant:
    """News in English of a law, under a breadcrumb; the law's dates are not the page's."""
    (work,) = _works(dice, 1)
    title = (
        f"The {work.issuer['en']} {dice.choice(('issued', 'released', 'published'))} the {work.titles['en']}"
    )
    told = [line.text.split(": ", 1)[-1] for line in regulation(work, "en")[4:10]]
    day = long_date(work.effective)
    lead = f"Recently, the {work.issuer['en']} released the {work.titles['en']}, to come into force on {day}."
    lines = [lead, *told]
    crumb = dice.choice(CRUMBS)
    body, media = _page(dice, name, [(crumb, "div"), (title, "h1"), *((x, "p") for x in lines)], title)
    return Variant(name, body, media, (Wanted((title,), tuple(lines)),), (crumb,))


def record(dice: random.Random, name: str) -> Variant:
    """A database's record, two languages in each line, the rest for payers; a page clock above."""
    (work,) = _works(dice, 1)
    english, hanzi = regulation(work, "en", "Article {} ")[2:9], regulation(work, "zh")[2:9]
    first = dice.random() < 0.7
    gap = dice.choice((" ", "   ", "\u00a0\u00a0"))
    pairs = [(a.text, b.text) if first else (b.text, a.text) for a, b in zip(english, hanzi, strict=True)]
    titles = (work.titles["en"], work.titles["zh"])
    date = f"({long_date(work.issued)}) ({written(work.issued, 'zh')})"
    clock, foot = ("May 3, 2011", "Tuesday"), dice.choice(FEET)
    walls = (dice.choice(PAYWALL), dice.choice(PAYWALL_ZH))
    head = [f"{titles[0]} [Effective]", f"{titles[1]} [现行有效]"]
    dump = [
        *clock,
        *head,
        *titles,
        date,
        *(a + gap + b for a, b in pairs),
        "...... ......",
        *walls,
        "Confirmation Code:",
        foot,
    ]
    wanted = Wanted(
        titles,
        tuple(x for pair in pairs for x in pair),
        True,
        work.effective.isoformat(),
        work.issued.isoformat(),
    )
    return Variant(
        name, "\n".join(dump).encode(), "text/plain", (wanted,), (*clock, *walls, "Confirmation Code:", foot)
    )


def archive(dice: random.Random, name: str) -> Variant:
    """A blog's archive: whole texts in one or two languages, teasers, an excerpt."""
    chosen = _works(dice, 6)
    html = dice.random() < 0.5
    teaser = dice.choice(TEASERS)
    lines: list[str] = [] if html else ["Notes"]
    posts, wanted, teasers = [], [], []
    for n, work in enumerate(chosen):
        title = work.titles["en"]
        text = [line.text for line in regulation(work, "en")]
        number = (work.document_number("en"),)
        kind = ("whole", "both", "teaser", "excerpt", "teaser", "whole")[n]
        cut = kind in ("teaser", "excerpt")
        if kind == "teaser":
            text = text[: dice.randint(4, 6)]
            teasers.append(teaser)
        elif kind == "excerpt":
            title += " [Excerpts]"
            text = [*text[:6], "[…]", *text[9:12], "[…]", text[-1]]
        elif kind == "both":
            text += [work.titles["zh"], *(line.text for line in regulation(work, "zh"))]
        shown = [*text[:-1], f"{text[-1]} {teaser}"] if kind == "teaser" else text
        effective = work.effective.isoformat() if kind != "teaser" or "force on" in " ".join(text) else ""
        wanted.append(Wanted((title, work.titles["zh"]), tuple(text), cut, effective, number=number))
        lines += [title, "Posted on" if n % 2 else "Posted on Updated on", *shown]
        inner = "".join(f"<p>{escape(x)}</p>" for x in shown)
        posts.append(
            f'<article class="post"><h2 class="entry-title"><a rel="bookmark" href="/{n}/{work.id}/">'
            f"{escape(title)}</a></h2>"
            f'<div class="entry-meta">Posted on <time datetime="2020-01-0{n + 1}">a day</time></div>'
            f'<div class="entry-content">{inner}</div></article>'
        )
    if html:
        head = f"<html><head><title>Notes | {name}</title></head><body><h1>Notes</h1>"
        page = f"{head}{''.join(posts)}</body></html>"
        return Variant(
            name, page.encode(), "text/html; charset=utf-8", tuple(wanted), ("Notes",), tuple(teasers)
        )
    return Variant(name, "\n\n".join(lines).encode(), "text/plain", tuple(wanted), ("Notes",), tuple(teasers))


def post(dice: random.Random, name: str) -> Variant:
    """A single post that explains a law, with comments and the form for them."""
    (work,) = _works(dice, 1)
    title = f"Explaining the “{work.titles['en']}”"
    told = [line.text.split(": ", 1)[-1] for line in regulation(work, "en")[4:11]]
    lines = [
        f"I, The aims of the {work.form['en']}",
        told[0],
        f"1, {told[1]}",
        f"2, {told[2]}",
        f"II, What is new in the {work.form['en']}",
        *told[3:],
    ]
    below = (dice.choice(COMMENTS).format(title=title), "Like this:", *FORM)
    dump = [title, "Posted on Updated on", *lines, *below]
    return Variant(name, "\n\n".join(dump).encode(), "text/plain", (Wanted((title,), tuple(lines)),), below)


def two_items(dice: random.Random, name: str) -> Variant:
    """Two news items in Chinese on one page, between an app's banner and what readers may do."""
    chosen = _works(dice, 2)
    stamp = "2021-03-04 09:10:11 潮声新闻"
    wanted, middle = [], []
    for n, work in enumerate(chosen):
        title = f"{work.issuer['zh']}{dice.choice(('公布', '印发', '发布'))}《{work.titles['zh']}》"
        office, day = work.issuer["zh"], written(work.effective, "zh")
        lead = (
            f"4日,{office}印发《{work.titles['zh']}》,并于{day}起施行。{office}有关负责人介绍了起草的经过。"
        )
        told = [line.text.split("\u3000")[-1] for line in regulation(work, "zh")[4:9]]
        wanted.append(Wanted((title,), (lead, *told), published="2021-03-04"))
        middle += [
            (title, "h1" if not n else "p"),
            *([("时讯", "div"), (stamp, "div")] if not n else []),
            *((x, "p") for x in (lead, *told)),
        ]
    below = [*BELOW, "00:31", "渔船归港", "潮声3天前"]
    lines = [*((x, "div") for x in APP), *middle, *((x, "div") for x in below)]
    body, media = _page(dice, name, lines, wanted[0].titles[0])
    return Variant(name, body, media, tuple(wanted), (*APP, *below))

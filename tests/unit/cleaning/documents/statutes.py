"""Generated statutes in the replicas' page furniture: the words that furniture is told by stand in their
articles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from html import escape
from pathlib import Path

import flows.replicas
from flows.replicas.library import chinese
from flows.replicas.parts import Parts

_SITES = Path(flows.replicas.__file__).parent
# Laws themselves speak of reports, comments, logins, copyright, subscriptions, and of what is printed and
# shared.
_ZH = (
    "渔船{n}应当登记，并在首页公布登记编号。",
    "举报电话由渔政机构公布。",
    "评论渔获质量的，应当真实。",
    "登录系统的人员每年接受培训。",
    "版权所有人可以申请复制海图。",
    "分享潮汐数据的，签订协议。",
    "有下列情形之一的，由港务机构责令改正：",
    "违反本办法的，处{n}千元罚款。",
    "本办法由港务机构负责解释。",
    "经营者应当保存记录{n}日，期满后予以销毁，并接受渔政部门和社会公众的监督检查。",
)
_ITEMS_ZH = ("未悬挂灯号的；", "拒绝提供日志的；", "其他违反规定的。")
_EN = (
    "Every vessel carries {n} lamps and shows its number at the bow.",
    "Reports are received at the harbour office.",
    "Comments on a draft are answered in writing.",
    "Whoever signs in at the gate signs out at the gate.",
    "Copyright in the charts lies with the survey office.",
    "Subscribers' lines are cut only after a second notice.",
    "The office may order a vessel to leave where:",
    "A fine of {n} crowns is set for each day.",
    "These rules are explained by the harbour board.",
    "An operator keeps its records for {n} days and lets anyone see what concerns him, free of charge.",
)
_ITEMS_EN = ("(1) it shows no light;", "(2) its log is not kept;", "(3) other rules are broken.")


def statute(number: int) -> tuple[str, str, list[str], int]:
    """Title, language, lines and the number of articles of a generated statute."""
    dice = random.Random(number)
    language = dice.choice(("zh", "en"))
    size = dice.randint(3, 40)
    texts, items = (_ZH, _ITEMS_ZH) if language == "zh" else (_EN, _ITEMS_EN)
    style = dice.choice(("Article {}: ", "Article {} ", "Article {}. "))
    lines: list[str] = []
    for n in range(1, size + 1):
        if size > 15 and n % 9 == 1:
            lines.append(
                f"第{chinese(n // 9 + 1)}章　一般规定"
                if language == "zh"
                else f"Chapter {n // 9 + 1}: General"
            )
        text = dice.choice(texts).format(n=dice.randint(2, 90))
        lines.append((f"第{chinese(n)}条　" if language == "zh" else style.format(n)) + text)
        if text.endswith(("：", ":")):
            lines += [f"（{chinese(i)}）{x}" if language == "zh" else x for i, x in enumerate(items, 1)]
        elif dice.random() < 0.25:
            lines.append(dice.choice(texts[:6]).format(n=dice.randint(2, 90)))
    title = f"渔港管理办法之{chinese(number % 90 + 1)}" if language == "zh" else f"Harbour Measures {number}"
    return title, language, lines, size


def pages(count: int) -> Iterator[tuple[str, str, int]]:
    """HTML, name and number of articles of so many statutes, in turn in the furniture of each replica."""
    sites = ("portal", "mirror", "news", "lawbase", "blog")
    parts = {site: Parts(_SITES / site / "parts.html") for site in sites}
    for number in range(count):
        title, _, lines, size = statute(number)
        site = sites[number % len(sites)]
        tag = "div" if site == "lawbase" else "p"
        content = "\n".join(f"<{tag}>{escape(line)}</{tag}>" for line in lines)
        yield _render(site, parts[site], escape(title), content), f"{site}-{number}", size


def _render(site: str, parts: Parts, title: str, content: str) -> str:
    match site:
        case "portal":
            head = parts("head", title=title, published="2021-04-01", source="港务机构")
            return parts(
                "page",
                title=title,
                channel="规章",
                main=parts("article", head=head, content=content),
                meta="",
            )
        case "mirror":
            head = parts("head", title=title, published="2021-04-01 10:00:00", source="Harbour Board")
            return parts(
                "page", title=title, channel="Rules", main=parts("article", head=head, content=content)
            )
        case "news":
            head = parts("head", title=title, published="2021-04-01 10:00:00", source="潮声")
            comments = parts("comment", name="渔夫", text="第三条写得好。", date="04-02")
            main = parts("article", head=head, content=content, comments=comments)
            video = parts("video", duration="00:12", title="渔船归港", channel="潮声", date="2021/04/01")
            return parts("page", title=title, main=main, videos=video)
        case "lawbase":
            head = f'<h2 class="title">{title} [Effective]</h2>'
            main = parts("record", head=head, content=content, notice="", id="77")
            return parts("page", title=title, main=main, clock="May 3, 2022", weekday="Tuesday")
        case _:
            base, url = "https://blog.example", "https://blog.example/2021/04/01/rules/"
            posted = parts(
                "posted", url=url, iso="2021-04-01T08:00:00+00:00", date="April 1, 2021", updated=""
            )
            main = parts(
                "post", base=base, number=7, category="essays", category_name="Essays",
                heading=parts("heading", title=title), posted=posted, content=content,
                around=parts("share", url=url), neighbours="", below=parts("form", base=base, url=url),
            )  # fmt: skip
            around = {"recent": "", "archives": "", "meta": ""}
            shown = {"title": title, "url": url, "base": base, "charset": "UTF-8", "body_class": "single"}
            return parts("page", main=main, **shown, **around)

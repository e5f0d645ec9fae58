"""A county government's portal in gb2312, laid out in tables: two channels of lists, nothing else."""

from __future__ import annotations

from datetime import date, timedelta

from tests.unseen import Answer, Unseen

CHANNELS = {"zcfg": "政策法规", "tzgg": "通知公告"}
SUBJECTS = ["渔港码头", "晒盐场", "乡村渡船", "灯塔看守", "海堤巡查", "集市摊位", "雨水收集", "石桥修缮"]
FURNITURE = ("设为首页", "加入收藏", "网站地图", "主办单位", "打印本页")
PAGES, ON_A_LIST = 13, 8
TEXT = """\
为了规范{subject}的日常使用，方便群众办事，经县人民政府第{number}次会议研究，现将有关要求公布如下。
一、凡使用{subject}的单位和个人，应当在每月{number}日以前到所在乡镇登记，登记不收取任何费用。
二、{subject}的维护由沿线各村轮流承担，每村不少于{number}人，维护情况记入台账并张榜公布。
三、对{subject}有意见的，可以在三十日内书面向县办公室提出，县办公室应当在{number}日内答复。
四、本文自公布之日起施行，此前关于{subject}的文件与本文不一致的，以本文为准。"""
ARTICLE = """\
<table width=96%><tr><td align=center><font size=5>{title}</font></td></tr>
<tr><td align=center>发布时间：{day}　来源：县政府办公室　【<a href='#'>打印本页</a>】
</td></tr><tr><td class=TRS_Editor>{text}</td></tr></table>"""
PAGE = """\
<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><title>{title}</title></head>
<body><table><tr><td>设为首页 | 加入收藏</td></tr></table>
<table><tr><td><a href='/'>首页</a></td>{menu}<td><a href='/map.html'>网站地图</a></td></tr></table>
<table><tr><td>当前位置：{place}</td></tr></table>{main}
<table><tr><td align=center>主办单位：柳湾县人民政府办公室　维护：信息中心</td></tr></table>"""


def build(base: str) -> Unseen:  # noqa: ARG001 - its links are all relative
    """The site at a base URL."""
    answers: dict[str, Answer] = {}
    texts: dict[str, tuple[str, ...]] = {}
    newest = ""
    for channel, name in CHANNELS.items():
        pages = [_page_of(channel, number) for number in range(PAGES)]
        for path, title, day, lines in pages:
            answers[path] = _framed(title, _article(title, day, lines), name)
            texts[path] = lines
        for sheet in range(0, PAGES, ON_A_LIST):
            shown = pages[sheet : sheet + ON_A_LIST]
            rows = "".join(
                f"<tr><td>·<a href='{path}' target=_blank>{title}</a></td><td>[{day}]</td></tr>"
                for path, title, day, _ in shown
            )
            number = sheet // ON_A_LIST
            more = f"<a href=index_{number + 1}.html>下一页</a>" if sheet + ON_A_LIST < PAGES else ""
            back = f"<a href=index{f'_{number - 1}' if number > 1 else ''}.html>上一页</a>" if number else ""
            body = f"<table>{rows}</table><p align=center>共{PAGES}条 {back} {more}</p>"
            listing = _framed(name, body, name)
            answers[f"/{channel}/index{f'_{number}' if number else ''}.html"] = listing
            if not number:
                answers[f"/{channel}/"] = listing
        newest += "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title, _, _ in pages[:3])
    answers["/"] = _framed("柳湾县人民政府", f"<ul>{newest}</ul>", "首页")
    return Unseen(answers, texts, FURNITURE)


def _page_of(channel: str, number: int) -> tuple[str, str, date, tuple[str, ...]]:
    subject = SUBJECTS[number % len(SUBJECTS)]
    day = date(2031, 6, 20) - timedelta(days=23 * number)
    kind = "管理规定" if channel == "zcfg" else "有关事项的通知"
    title = f"关于{subject}{kind}（第{PAGES - number}号）"
    lines = tuple(TEXT.format(subject=subject, number=number + 3).split("\n"))
    code = 8000 + PAGES - number + (500 if channel == "tzgg" else 0)
    return f"/{channel}/{day:%Y%m}/t{day:%Y%m%d}_{code}.html", title, day, lines


def _article(title: str, day: date, lines: tuple[str, ...]) -> str:
    text = "<BR><BR>".join(f"　　{line}" for line in lines)
    return ARTICLE.format(title=title, day=day, text=text)


def _framed(title: str, main: str, place: str) -> Answer:
    menu = "".join(f"<td><a href='/{channel}/'>{name}</a></td>" for channel, name in CHANNELS.items())
    html = PAGE.format(title=title, menu=menu, place=place, main=main)
    return Answer(html.encode("gb18030"), "text/html")

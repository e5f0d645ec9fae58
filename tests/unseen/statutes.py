"""A collection of statutes in two languages behind a search form: only its sitemaps name the pages."""

from __future__ import annotations

from datetime import date, timedelta

from tests.unseen import Answer, Unseen

ACTS = {
    "weirs": ("Weirs", "堰坝"), "ferries": ("Ferries", "渡船"), "orchards": ("Orchards", "果园"),
    "bell-towers": ("Bell Towers", "钟楼"), "snow": ("Snow Clearing", "除雪"), "bees": ("Bees", "养蜂"),
    "kites": ("Kites", "风筝"), "wells": ("Public Wells", "公井"), "carts": ("Hand Carts", "手推车"),
    "hedges": ("Hedges", "树篱"), "lanterns": ("Lanterns", "灯笼"), "mills": ("Water Mills", "水磨"),
}  # fmt: skip
ENGLISH = """\
Article 1. This Act governs {things} in all {number} parishes of the valley.
Article 2. Whoever keeps {things} tells the parish clerk within {number} days, and again each seventh year.
Article 3. The parish may forbid {things} at night, on feast days and in flood, and must say why in writing.
Article 4. This Act enters into force {number} months after it is read aloud in the square."""
CHINESE = """\
第一条　本法适用于河谷全部{number}个教区内的{things}。
第二条　置办{things}的，应当在{number}日内告知教区书记，此后每七年告知一次。
第三条　教区可以在夜间、节日和汛期禁止使用{things}，并应当书面说明理由。
第四条　本法自在广场宣读之日起满{number}个月后施行。"""
FRONT = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>Valley Statutes</title><h1>Valley Statutes</h1>
<form action="/search"><input name="q"><button>Search the collection</button></form>
<p><a href="/en/copyright">Copyright notice</a> <a href="/zh/copyright">版权声明</a>"""
PAGE = """\
<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><title>{title} | Valley Statutes</title>
<meta name="dcterms.date" content="{day}">{twins}</head><body>
<div class="bar"><a href="/">Valley Statutes</a> <a href="/search">{search}</a></div>
<article><h1>{title}</h1>{articles}</article>
<div class="tools"><a href="#">{top}</a> <a href="?print=1">Version for print</a></div></body></html>"""
TAGS = {"en": "en", "zh": "zh-Hans"}
FURNITURE = ("Search the collection", "检索全部法规", "Back to top", "返回顶部", "Version for print")


def build(base: str) -> Unseen:
    """The site at a base URL."""
    answers: dict[str, Answer] = {}
    texts: dict[str, tuple[str, ...]] = {}
    maps: dict[str, str] = {"en": "", "zh": ""}
    for number, slug in enumerate(ACTS):
        day = date(2033, 2, 1) - timedelta(days=40 * number)
        for language in maps:
            path, lines = f"/{language}/act/{slug}", _lines(slug, number, language)
            answers[path] = Answer(_page(base, slug, language, day, lines))
            texts[path] = lines
            maps[language] += f"<url><loc>{base}{path}</loc><lastmod>{day}</lastmod></url>"
    for language, urls in maps.items():
        names = ("about", "help/search")
        others = "".join(f"<url><loc>{base}/{language}/{name}</loc></url>" for name in names)
        xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}{others}</urlset>'
        answers[f"/maps/{language}.xml"] = Answer(xml.encode(), "application/xml")
    entries = "".join(f"<sitemap><loc>{base}/maps/{language}.xml</loc></sitemap>" for language in maps)
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'
    answers["/maps/all.xml"] = Answer(index.encode(), "application/xml")
    robots = f"User-agent: *\nDisallow: /search\n\nSitemap: {base}/maps/all.xml\n"
    answers["/robots.txt"] = Answer(robots.encode(), "text/plain")
    answers["/"] = Answer(FRONT.encode())
    return Unseen(answers, texts, FURNITURE)


def _lines(slug: str, number: int, language: str) -> tuple[str, ...]:
    english, chinese = ACTS[slug]
    text, things = (ENGLISH, english.lower()) if language == "en" else (CHINESE, chinese)
    return tuple(text.format(things=things, number=number + 3).split("\n"))


def _page(base: str, slug: str, language: str, day: date, lines: tuple[str, ...]) -> bytes:
    english, chinese = ACTS[slug]
    words = ("Search the collection", "Back to top") if language == "en" else ("检索全部法规", "返回顶部")
    return PAGE.format(
        tag=TAGS[language],
        title=f"{english} Act" if language == "en" else f"{chinese}法",
        day=day,
        twins="".join(
            f'<link rel="alternate" hreflang="{tag}" href="{base}/{code}/act/{slug}">'
            for code, tag in TAGS.items()
        ),
        search=words[0],
        top=words[1],
        articles="".join(f'<section class="provision"><div>{line}</div></section>' for line in lines),
    ).encode()

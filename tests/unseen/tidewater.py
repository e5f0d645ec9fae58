"""A harbour town's notices on WordPress with a block theme: REST and feed, no sitemap."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.unseen import Answer, Unseen

TOPICS = [
    "the fish market",
    "the north mole",
    "night anchorage",
    "the tide tables",
    "mooring dues",
    "the pilot boats",
    "lobster pots",
    "the ice house",
    "dredging",
    "the regatta",
    "the harbour bell",
    "winter berths",
]
CATEGORIES = ["notices", "dues", "safety", "works", "events", "minutes", "bylaws"]
FURNITURE = (
    "Skip to content", "Harbour webcams", "Proudly powered", "Subscribe to our tide alerts", "You may also",
)  # fmt: skip
TEXT = """\
The office gives notice that the rules on {topic} change from the first tide after {day:%d %B %Y}, as \
the harbour committee resolved at sitting {number}.
Skippers who have a licence that mentions {topic} keep it until it ends; no fee is asked for the change, and\
 none is paid back for the {number} weeks in between.
Whoever wishes to speak about {topic} may do so at the office on weekdays between eight and noon, or write\
 to the harbour master, who answers within {number} working days.
The earlier notice on {topic}, number {number}, is withdrawn and need not be kept on board."""
ARTICLE = """\
<h1 class="wp-block-post-title">{title}</h1>
<div class="wp-block-post-date"><time datetime="{day}">{said}</time></div>
<div class="entry-content wp-block-post-content">{text}</div>
<div class="wp-block-group related"><h3>You may also like</h3><ul>
<li><a href="/2029/dredging-16/">Dredging</a></li><li><a href="/2029/the-regatta-15/">The regatta</a></li>
</ul></div>"""
PAGE = """\
<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>{title} – Tidewater Harbour</title>
<meta property="og:site_name" content="Tidewater Harbour Office">
<link rel="https://api.w.org/" href="{base}/wp-json/">
<link rel="alternate" type="application/rss+xml" title="Feed" href="{base}/feed/"></head>
<body class="wp-site-blocks"><a class="skip-link" href="#main">Skip to content</a>
<header class="wp-block-template-part"><nav><ul><li><a href="/">Start</a></li>
<li><a href="/webcams/">Harbour webcams</a></li><li><a href="/contact/">Contact</a></li></ul></nav></header>
<main id="main" class="wp-block-group">{main}</main>
<aside><form><label>Subscribe to our tide alerts <input type="email"></label></form></aside>
<footer><p>Proudly powered by WordPress</p><a href="/terms-of-use/">Terms of use</a></footer></body></html>"""
FIELDS = "_fields=link,date_gmt,modified_gmt"
POSTS = 24

Post = tuple[str, str, datetime, tuple[str, ...]]


def build(base: str) -> Unseen:
    """The site at a base URL."""
    posts = [_post(number) for number in range(POSTS)]
    answers = {post[0]: Answer(_page(base, post[1], _article(post))) for post in posts}
    heads = (
        f'<h2 class="wp-block-post-title"><a href="{path}">{title}</a></h2>' for path, title, _, _ in posts
    )
    answers["/"] = Answer(_page(base, "Tidewater Harbour Office", "".join(list(heads)[:8])))
    answers["/feed/"] = Answer(_feed(base, posts[:10]), "application/rss+xml; charset=UTF-8")
    dates = {path: day.isoformat()[:19] for path, _, day, _ in posts}
    rows = [{"link": base + path, "date_gmt": day, "modified_gmt": day} for path, day in dates.items()]
    total = (("X-WP-Total", str(POSTS)), ("X-WP-TotalPages", "1"))
    names = [{"slug": name, "count": 3} for name in CATEGORIES]
    api = "/wp-json/wp/v2"
    answers[f"{api}/posts?per_page=100&page=1&{FIELDS}"] = _json(rows, total)
    answers[f"{api}/categories?per_page=100&_fields=slug,count"] = _json(names)
    answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /wp-admin/\n", "text/plain")
    return Unseen(answers, {path: lines for path, _, _, lines in posts}, FURNITURE)


def _post(number: int) -> Post:
    topic = TOPICS[number % len(TOPICS)]
    day = datetime(2029, 11, 3, 9, 15, tzinfo=UTC) - timedelta(days=17 * number)
    lines = tuple(TEXT.format(topic=topic, day=day, number=number + 7).split("\n"))
    path = f"/{day:%Y}/{topic.replace(' ', '-')}-{POSTS - number}/"
    return path, f"Notice {POSTS - number}: {topic}", day, lines


def _article(post: Post) -> str:
    _, title, day, lines = post
    text = "".join(f"<p>{line}</p>" for line in lines)
    return ARTICLE.format(title=title, day=day.isoformat(), said=f"{day:%d %B %Y}", text=text)


def _page(base: str, title: str, main: str) -> bytes:
    return PAGE.format(base=base, title=title, main=main).encode()


def _json(value: object, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(json.dumps(value).encode(), "application/json", headers)


def _feed(base: str, posts: list[Post]) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>{base}{path}</link><pubDate>{format_datetime(day)}</pubDate>"
        f"<description>{lines[0]}</description></item>"
        for path, title, day, lines in posts
    )
    return f'<rss version="2.0"><channel><title>Tidewater</title>{items}</channel></rss>'.encode()

"""Pages rendered by script are recognised by what their server sends, and are never an empty document."""

from __future__ import annotations

import pytest

from cleaning.pipeline import Cleaned, clean
from output.base.records import RawPage, sha256_hex

URL = "https://app.example/news/7"
BUNDLE = '<script src="/assets/index-4f2a.js"></script>'
STATE = '<script id="__NEXT_DATA__" type="application/json">{"props":{"text":"Boats are counted."}}</script>'
MENU = '<header><nav><a href="/">Home</a> <a href="/laws">Laws</a></nav></header>'
FOOT = "<footer>© 2024 Harbour Board. All rights reserved.</footer>"
PARA = (
    "The boats of the lower harbour are counted every spring by two clerks, who write down names and owners. "
)


def page(html: str, title: str = "Harbour") -> Cleaned:
    body = f"<!doctype html><html><head><title>{title}</title></head><body>{html}</body></html>".encode()
    return clean(RawPage(URL, "app", URL, body, sha256_hex(body)))


@pytest.mark.parametrize(
    "html",
    [
        f'<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>{BUNDLE}',
        f"<div id='__next'></div>{STATE}{BUNDLE}",
        f'<div id="__nuxt"><div class="spinner"><div></div></div></div>{BUNDLE}',
        f"<app-root>Loading...</app-root>{BUNDLE}",
        f'<div id="app"><p>正在加载，请稍候…</p></div>{BUNDLE}',
        f"<noscript><b>本网站需要启用 JavaScript 才能正常显示。</b></noscript><div id=app></div>{BUNDLE}",
        f"{MENU}<div id=root></div>{FOOT}{BUNDLE}",
        f"<noscript>Please turn on JavaScript in your browser to view this page.</noscript>{BUNDLE}",
        "<p>This site requires JavaScript. It is disabled in your browser.</p>",
        f"<main></main>{BUNDLE}",
    ],
)
def test_a_shell_says_that_it_needs_javascript(html: str) -> None:
    found = page(html)
    assert found.documents == ()
    assert found.rejection
    assert found.rejection.reason == "needs_javascript"
    assert found.rejection.evidence


def test_a_shell_of_one_script_that_leads_elsewhere_says_so() -> None:
    found = page('<script>window.location.href = "/news/7?x=1"</script>')
    assert found.documents == ()
    assert found.rejection
    assert found.rejection.reason == "leads_elsewhere"


@pytest.mark.parametrize(
    "html",
    [
        f"<noscript>Enable JavaScript!</noscript><div id=root></div><h1>Boats</h1><p>{PARA * 3}{BUNDLE}",
        f"<div id=app><h1>Boats</h1><p>{PARA * 3}</p></div>{BUNDLE}",
        f"<div id=app></div><noscript><p>{PARA * 3}<p>Best with JavaScript enabled.</noscript>{BUNDLE}",
        f"<h1>How to enable JavaScript</h1><p>{PARA * 2}<p>You need to enable JavaScript in your browser.",
        f"<div id=toast></div><h1>Closed</h1><p>The ferry office is closed on Friday, all day.{BUNDLE}",
    ],
)
def test_a_page_that_shows_its_text_is_none(html: str) -> None:
    assert page(html).documents


LOGIN = "<form><p>Name <input name=n></p><p>Password <input type=Password></p><button>Sign in</button></form>"


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Sign in to your account | Harbour Office", f"{MENU}<h1>Welcome</h1>{LOGIN}{FOOT}"),
        ("Harbour Office", f"{MENU}<h1>Log in</h1><p>You must log in to read this.</p>{LOGIN}"),
        ("用户登录 - 港务局", f"{MENU}<p>请输入用户名和密码。</p>{LOGIN}"),
    ],
)
def test_a_page_that_asks_to_log_in_and_says_nothing_else_is_no_document(title: str, html: str) -> None:
    found = page(html, title)
    assert found.documents == ()
    assert found.rejection
    assert found.rejection.reason == "login"
    assert found.rejection.evidence
    assert any("assword" in removal.text for removal in found.removals)


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Closed on Friday | Harbour Office", f"{LOGIN}<h1>Closed on Friday</h1><p>{PARA}"),
        ("Closed | Office", f"<h1>Closed</h1><p>{PARA}</p><h2>Sign in</h2><p>To read on.</p>{LOGIN}"),
        ("Sign in", f"{LOGIN}<h1>Signing in at the gate</h1><p>{PARA * 4}"),
        ("Login rules | Office", f"<h1>Login</h1><p>{PARA}"),
    ],
)
def test_a_text_beside_a_login_stays_a_document(title: str, html: str) -> None:
    assert page(html, title).documents

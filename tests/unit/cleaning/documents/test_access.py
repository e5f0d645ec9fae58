"""A text that is cut says so, with the words that show it."""

from __future__ import annotations

import pytest

from cleaning.documents.access import verdict
from cleaning.pipeline import clean
from output.base.records import Access, Document, RawPage, RemovalKind, sha256_hex

URL = "https://harbour.example/news/7.html"
PARA = "The boats of the lower harbour are counted every spring by two clerks, who write down all names. "
PARA_ZH = "渔港的船只每年春天由两名书记员清点，他们把船名和船主写在簿子上，并在码头公布清点的结果。"
LAST_ZH = "清点以后，船主可以在码头办公室领取编号牌，并把它挂在船首。"


def cleaned(body: str, head: str = "", content_type: str = "text/html") -> Document:
    page = f"<html><head>{head}<title>Boats</title></head><body>{body}</body></html>"
    data = (page if content_type == "text/html" else body).encode()
    (document,) = clean(
        RawPage("p", "s", URL, data, sha256_hex(data), headers=(("content-type", content_type),))
    ).documents
    return document


@pytest.mark.parametrize(
    "notice",
    [
        "打开渔讯客户端，查看全文",
        "打开「渔讯」APP 查看全文",
        "下载渔讯客户端，阅读全文",
        "前往渔讯小程序浏览全文",
    ],
)
@pytest.mark.parametrize("place", ["below the text", "at its end", "in a dump"])
def test_a_text_that_goes_on_in_the_app_is_a_teaser(notice: str, place: str) -> None:
    if place == "in a dump":
        found = cleaned(f"清点船只\n{PARA_ZH * 2}\n{LAST_ZH}\n{notice}", content_type="text/plain")
    elif place == "at its end":
        found = cleaned(f"<article><h1>清点船只</h1><p>{PARA_ZH * 2}</p><p>{LAST_ZH}{notice}</p></article>")
    else:
        found = cleaned(
            f"<article><h1>清点船只</h1><p>{PARA_ZH * 2}</p><p>{LAST_ZH}</p><div>{notice}</div></article>"
        )
    assert found.access is Access.TEASER
    (evidence,) = found.access_evidence
    assert evidence.text.replace(",", "，") == notice
    assert evidence.where.startswith("offset ")
    assert found.text.endswith(LAST_ZH)


def test_a_rule_on_apps_is_no_notice() -> None:
    found = cleaned(
        f"<article><h1>清点</h1><p>{PARA_ZH * 2}</p><p>{PARA_ZH}船员应当打开客户端核对潮汐。</p></article>"
    )
    assert (found.access, found.access_evidence) == (Access.FULL, ())


@pytest.mark.parametrize(
    ("tier", "access"),
    [
        ("free", Access.FULL),
        ("locked", Access.PAYWALLED),
        ("Locked", Access.PAYWALLED),
        ("metered", Access.PAYWALLED),
    ],
)
def test_an_article_for_subscribers_is_not_sold_as_whole(tier: str, access: Access) -> None:
    head = f'<meta property="article:content_tier" content="{tier}">'
    found = cleaned(f"<article><h1>Boats</h1><p>{PARA * 3}</p><p>{PARA * 2}</p></article>", head)
    assert found.access is access
    said = [(evidence.text, evidence.where) for evidence in found.access_evidence]
    assert said == ([] if access is Access.FULL else [(f"article:content_tier: {tier}", "meta")])


@pytest.mark.parametrize("value", [False, "False", "https://schema.org/False"])
def test_what_is_not_free_is_paywalled(value: object) -> None:
    access, evidence = verdict("Boats", [PARA], (), [{"isAccessibleForFree": value}])
    assert (access, [one.where for one in evidence]) == (Access.PAYWALLED, ["json-ld"])
    assert verdict("Boats", [PARA], (), [{"isAccessibleForFree": True}]) == (Access.FULL, ())


def test_the_strongest_finding_decides_and_all_are_evidence() -> None:
    access, evidence = verdict(
        "Harbour rules [Excerpts]", [PARA, "[…]"], (), [{"isAccessibleForFree": False}], {}
    )
    assert access is Access.PAYWALLED
    assert [(one.text, one.where) for one in evidence] == [
        ("isAccessibleForFree: false", "json-ld"),
        ("[Excerpts]", "title"),
        ("[…]", "text"),
    ]


def test_a_short_text_tells_nothing_and_a_long_one_is_no_challenge() -> None:
    assert verdict("", ["Boats moor here."], ()) == (Access.UNKNOWN, ())
    challenge = "Checking your browser before you go on."
    assert verdict("", [challenge], ())[0] is Access.CAPTCHA
    assert verdict("", [challenge, *[PARA] * 20], ())[0] is Access.FULL


def test_a_notice_far_below_the_text_is_none_of_the_texts() -> None:
    links = "".join(f"<li><a href=/{n}>Boats of quay {n}</a></li>" for n in range(6))
    body = f"<article><h1>Boats</h1><p>{PARA * 3}</p><p>{PARA * 2}</p></article><ul>{links}</ul>"
    near = cleaned(body.replace("</article>", "<p><a href=/more>Read more</a></p></article>"))
    far = cleaned(f"{body}<div><a href=/all>Read more</a></div>")
    assert (near.access, far.access) == (Access.TEASER, Access.FULL)


def test_the_kind_of_a_notice_is_that_of_the_lexicon() -> None:
    body = f"<article><h1>清点船只</h1><p>{PARA_ZH * 3}</p><div>打开渔讯客户端，查看全文</div></article>"
    found = clean(RawPage("p", "s", URL, body.encode(), sha256_hex(body.encode())))
    assert [(r.kind, r.rule) for r in found.removals] == [(RemovalKind.TEASER, "lexicon:teaser_app_zh")]

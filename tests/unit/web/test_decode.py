import pytest

from cleaning.page.media import media_type
from web.decode import decode, scrub

TEXTS = {
    "gb18030": "各地应当加强河道管理，保护水资源，防止污染。任何单位和个人不得擅自占用河道。",
    "big5": "各地應當加強河道管理，保護水資源，防止污染。任何單位和個人不得擅自佔用河道。",
    "cp932": "河川の管理を強化し、水資源を保護するため、次のとおり定める。カタカナもあります。",
    "euc_jp": "河川の管理を強化し、水資源を保護するため、次のとおり定める。カタカナもあります。",
    "iso2022_jp": "河川の管理を強化し、水資源を保護するため、次のとおり定める。",
    "cp949": "하천 관리를 강화하고 수자원을 보호하기 위하여 다음과 같이 정한다.",
    "cp1251": "Настоящие правила устанавливают порядок охраны рек и водных ресурсов.",
    "koi8-r": "Настоящие правила устанавливают порядок охраны рек и водных ресурсов.",
    "cp1253": "Οι ποταμοί προστατεύονται από τον νόμο και οι κανόνες ισχύουν.",
    "cp1252": "Les rivières protégées sont placées sous la garde des préfets dès l’été – Où êtes-vous ?",
    "utf-8": "Реки, rivières, 河道：同一页。",
    "utf-16-le": "各地应当加强 river management",
    "utf-16-be": "各地应当加强 river management",
}


def page(text: str, codec: str, declared: str = "") -> bytes:
    meta = f'<meta charset="{declared}">' if declared else ""
    html = f"<html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>"
    return html.encode(codec)


@pytest.mark.parametrize("codec", TEXTS)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "no-such-charset", "utf-16", "hex"])
def test_whatever_is_declared_the_text_comes_out(codec: str, declared: str) -> None:
    assert TEXTS[codec] in decode(page(TEXTS[codec], codec, declared)).text


@pytest.mark.parametrize("declared", ["gb2312", "gbk", "GB18030", "x-gbk"])
def test_the_gb_family_is_read_as_its_superset(declared: str) -> None:
    rare = "镕䶮𠮷 河道管理应当依法进行，任何单位和个人不得占用。"  # outside gb2312; the last one outside gbk
    decoded = decode(page(rare, "gb18030", declared))
    assert (rare in decoded.text, decoded.encoding, decoded.warnings) == (True, "gb18030", ())


def test_the_header_comes_before_the_meta_and_both_before_a_guess() -> None:
    body = page("ж" * 3, "cp1251", "koi8-r")
    assert "жжж" in decode(body, "text/html; charset=windows-1251").text


def test_a_lie_is_named() -> None:
    assert decode(page(TEXTS["gb18030"], "gb18030", "utf-8")).warnings == ("charset_lie:utf-8:gb18030",)
    assert decode(page(TEXTS["utf-8"], "utf-8", "gb2312")).warnings == ("charset_lie:gb18030:utf-8",)
    assert decode(page("x", "utf-8", "klingon-8")).warnings == ("charset_unknown:klingon-8",)


def test_a_scratch_in_utf8_does_not_change_the_charset_and_is_counted() -> None:
    decoded = decode(("河道管理。" * 50).encode() + b"\xff" + ("水资源。" * 50).encode())
    assert decoded.encoding == "utf-8"
    assert decoded.warnings == ("undecodable:1",)
    assert decoded.text.count("河道管理。") == 50


def test_a_body_cut_in_the_middle_of_a_character_keeps_its_charset() -> None:
    assert decode(("河道管理。" * 9).encode("gb18030")[:-1], "text/html; charset=gbk").encoding == "gb18030"


def test_marks_and_nuls() -> None:
    assert decode(b"\xef\xbb\xbf<p>x").text == "<p>x"
    decoded = decode(b"a\0b")
    assert (decoded.text, decoded.warnings) == ("a\ufffdb", ("nul_characters",))


def test_scrub_leaves_nothing_that_breaks_files_or_terminals() -> None:
    text, warnings = scrub("a\ud800b\x1b[31mc\td\n")
    assert (text, warnings) == ("a\ufffdb [31mc\td\n", ("lone_surrogates", "control_characters"))


@pytest.mark.parametrize(
    ("body", "header", "media"),
    [
        (b"%PDF-1.7\n...", "text/html", "application/pdf"),
        (b"\x89PNG\r\n", "", "image/png"),
        (b'{"code": 4001}', "text/html", "application/json"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/html", "application/xml"),
        (b"<!doctype html><p>x", "application/pdf", "text/html"),
        (b"<!doctype html><p>x", "text/plain", "text/html"),
        (b"A dump that quotes <p> once", "text/plain", "text/plain"),
        (b"just words", "", "text/plain"),
        (b"\x01\x02\x03\x04" * 50, "text/html", "application/octet-stream"),
        ("<p>字".encode("utf-16"), "text/html", "text/html"),
        (b"", "text/html", "text/html"),
    ],
)
def test_the_first_bytes_tell_more_than_the_header(body: bytes, header: str, media: str) -> None:
    assert media_type(body, header) == media

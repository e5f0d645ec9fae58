"""Addresses, encodings and opt-outs: what may be asked, opened and kept."""

from __future__ import annotations

import gzip
import logging
import zlib

import brotli
import pytest

from crawlers.net.addresses import literal_refused, may_connect
from crawlers.permissions.optout import in_headers, in_markup, is_reserved, read_reservations
from output.archive.compression import BodyError, decompress
from output.base.escaping import EscapingFormatter, escape
from web.urls import parse

INSIDE = """
127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 0x7f.1 [::1] [::ffff:127.0.0.1] [::ffff:7f00:1]
localhost localhost. a.localhost 169.254.169.254 2852039166 [::ffff:a9fe:a9fe] 10.0.0.1 172.16.0.1
192.168.1.1 0 0.0.0.0 [::] [fe80::1] [fc00::1] [64:ff9b::a00:1] [::10.0.0.1]
[::a9fe:a9fe] [2002:a00:1::] 100.64.0.1 224.0.0.1
255.255.255.255 192.0.2.1 [ff02::1] 198.18.0.1 240.0.0.1
"""


@pytest.mark.parametrize("host", INSIDE.split())
def test_no_spelling_of_an_inner_address_is_asked(host: str) -> None:
    url = parse(f"http://{host}/")
    assert url is not None
    assert literal_refused(url)


def test_loopback_is_allowed_alone_where_it_is_declared() -> None:
    assert may_connect("127.0.0.1", loopback=True)
    assert may_connect("::1", loopback=True)
    assert not may_connect("10.0.0.1", loopback=True)
    assert not may_connect("169.254.169.254", loopback=True)
    assert may_connect("8.8.8.8")
    assert may_connect("2606:4700::1111")
    assert not may_connect("no address")


WORDS = b"the quick brown fox " * 5000


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(WORDS)),
        ("x-gzip", gzip.compress(WORDS[:100]) + gzip.compress(WORDS[100:]) + b"\0\0"),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", zlib.compress(WORDS)[2:-4]),
        ("br", brotli.compress(WORDS)),
    ],
)
def test_a_body_opens_whole_or_not_at_all(name: str, packed: bytes) -> None:
    assert decompress(packed, [name], len(WORDS)) == WORDS
    with pytest.raises(BodyError) as raised:
        decompress(packed, [name], len(WORDS) - 1)
    assert raised.value.reason == "too_large"
    if not packed.endswith(b"\0\0"):
        with pytest.raises(BodyError) as raised:
            decompress(packed[: len(packed) // 2], [name], len(WORDS))
        assert raised.value.reason == "truncated"


def test_layers_are_undone_from_the_last_and_bounded() -> None:
    twice = brotli.compress(gzip.compress(WORDS))
    assert decompress(twice, ["gzip", "br"], len(WORDS)) == WORDS
    for encodings, body in (
        (["gzip"], b"plain"),
        (["zstd"], b"x"),
        (["gzip"] * 4, twice),
        (["br"], b"\xff" * 9),
    ):
        with pytest.raises(BodyError) as raised:
            decompress(body, encodings, 1000)
        assert raised.value.reason == "bad_encoding"
    assert decompress(b"", ["gzip"], 10) == b""


@pytest.mark.parametrize(
    ("header", "opts_out"),
    [
        (("tdm-reservation", "1"), True),
        (("tdm-reservation", "0"), False),
        (("x-robots-tag", "noindex, NoAI"), True),
        (("x-robots-tag", "tamis: noai"), True),
        (("x-robots-tag", "otherbot: noai"), False),
        (("x-robots-tag", "noimageai"), False),
        (("x-robots-tag", "max-snippet: 3, noai"), True),
    ],
)
def test_opt_outs_in_headers(header: tuple[str, str], opts_out: bool) -> None:
    assert bool(in_headers([("content-type", "text/html"), header], "Tamis")) is opts_out


def test_opt_outs_in_markup_and_in_the_site_wide_file() -> None:
    assert in_markup(b'<meta name="TDM-Reservation" content="1">') == 'meta tdm-reservation="1"'
    assert in_markup(b'<meta name=robots content="index, noai">')
    assert in_markup("<meta name=robots content=noai><p>第一条".encode("utf-16"))
    assert not in_markup(b"<p>A page about noai and tdm-reservation")
    rules = read_reservations(
        b'[{"location": "/open/*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}, 7]'
    )
    assert not is_reserved("https://a.example/open/page", rules)
    assert is_reserved("https://a.example/laws/1", rules)
    assert read_reservations(b"<html>") == read_reservations(b'{"location": "/"}') == ()


def test_what_a_site_writes_cannot_forge_a_log_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", ("a\n2026 ERROR\x1b[2J\u202e",), None)
    line = EscapingFormatter("%(message)s").format(record)
    assert line == "a\\n2026 ERROR\\x1b[2J\\u202e"
    assert escape("a\nb", keep="\n") == "a\nb"

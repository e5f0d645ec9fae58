"""Requests that a site tries to have sent inside: by every way that it can name an address, none is."""

from __future__ import annotations

import ipaddress
import json
import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.faults.rows import row
from tests.unit.crawlers.forked import Forks
from tests.unit.crawlers.rig import Crawls, Page, Site
from web.urls import parse

# Tells each address that a socket is connected to, and resolves names as an attacker's server would:
# the first time to the site, afterwards to the address that the name spells.
WATCHED = """
import ipaddress, os, re, socket, sys
import crawlers.__main__ as command
from twisted.internet._resolver import GAIResolver
told, asked = socket.socket.connect_ex, {}
def connect_ex(self, address):
    os.write(2, f"CONNECTED {address[0]} {address[1]}\\n".encode())
    return told(self, address)
socket.socket.connect_ex = connect_ex
resolve = socket.getaddrinfo
def getaddrinfo(host, port, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    rebinds = re.fullmatch(r"r(\\d+)\\.rebinds\\.localhost", name)
    asked[name] = asked.get(name, 0) + 1
    os.write(2, f"RESOLVED {name} {asked[name]}\\n".encode())  # threads: a line in one piece
    if rebinds and asked[name] > 1:
        return resolve(str(ipaddress.ip_address(int(rebinds[1]))), port, *rest, **named)
    if name.endswith("localhost"):
        return resolve("127.0.0.1", port, *rest, **named)
    return resolve(name, port, 0, 0, 0, socket.AI_NUMERICHOST)
GAIResolver.__init__.__defaults__ = (None, getaddrinfo)
sys.exit(command.main())
"""

WAYS = ("redirect", "meta refresh", "link", "sitemap", "robots.txt", "feed", "canonical", "rebinding")
INSIDE = ("169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.5.4", "100.64.0.1", "0.0.0.0")
SIX = ("[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[100::1]")


def spellings() -> list[str]:
    """URLs of addresses inside, in the ways that parsers take."""
    found = [f"http://{host}/" for host in SIX]
    for address in INSIDE:
        number = int(ipaddress.ip_address(address))
        a, b, c, d = (int(part) for part in address.split("."))
        high, low = number >> 16, number & 0xFFFF
        wide = address.translate({ord("0") + n: ord("０") + n for n in range(10)})
        hosts = [
            address, f"{address}.", f"{number}", f"{number:#x}", f"{number:#X}", f"0{number:o}",
            f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#x}.{b}.{c}.0{d:o}",
            f"{a}.{b}.{low}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{low:#x}",
            f"{a:#x}.{number & 0xFFFFFF:#x}",
            f"00{a:o}.{b}.{c}.{d}", wide, address.replace(".", "。"), address.replace(".", "．"),
            "".join(f"%{ord(letter):02x}" for letter in address), f"%{ord(address[0]):02x}{address[1:]}",
            f"[::ffff:{address}]", f"[::ffff:{high:x}:{low:x}]", f"[0:0:0:0:0:ffff:{high:x}:{low:x}]",
            f"[::{high:x}:{low:x}]", f"[64:ff9b::{high:x}:{low:x}]", f"[2002:{high:x}:{low:x}::1]",
        ]  # fmt: skip
        found += [f"http://{host}/latest/" for host in hosts]
        found += [
            f"http://{address}:8080/", f"HTTPS://{address}/", f"http:\\\\{address}\\", f"http:{address}",
            f"ht\ttp://{address[:2]}\n{address[2:]}/", f"//{address}/", f"http://example.org@{address}/",
        ]  # fmt: skip
    found += ["file:///etc/passwd", "gopher://10.0.0.1/", "ftp://10.0.0.1/", "dict://10.0.0.1:11211/"]
    return found[:200]


class Attacker(Site):
    """Sends to address N where it is asked for /hop/N, or for the robots.txt of hN.localhost."""

    spelt: tuple[str, ...] = ()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        host = (handler.headers.get("Host") or "").partition(":")[0]
        if handler.path == "/robots.txt" and host.startswith("h"):
            to = self.spelt[int(host[1:].partition(".")[0])]
            self.pages["/robots.txt"] = Page(b"", 302, {"Location": _one_line(to), "Connection": "close"})
        elif handler.path == "/robots.txt":
            self.pages["/robots.txt"] = Page(b"", 200, {"Connection": "close"})
        super().answer(handler)
        if handler.path == "/robots.txt" or "rebinds" in host:
            handler.close_connection = True


def _one_line(url: str) -> str:
    return url.replace("\n", "%0a").replace("\t", "%09").encode().decode("latin-1")


def attacked(folder: Path, forks: Forks, spelt: list[str]) -> None:
    site = Attacker()
    site.spelt = tuple(spelt)
    port = site.server.server_port
    names = [f"h{n}.localhost:{port}" for n in range(len(spelt))]
    rebinding = [f"r{int(ipaddress.ip_address(address))}.rebinds.localhost:{port}" for address in INSIDE]
    hosts = {url.site for one in spelt if (url := parse(one, site.url))}
    anchors = "".join(f'<a href="{one}">{n}</a><a href="/hop/{n}">hop</a>' for n, one in enumerate(spelt))
    elsewhere = "".join(f'<a href="http://{name}/page">there</a>' for name in [*names, *rebinding])
    site.pages["/.well-known/tdmrep.json"] = Page(b"", 404, {"Connection": "close"})
    site.html("/links", f'{anchors}{elsewhere}<a rel="next" href="http://10.0.0.1/next">next</a>')
    for n, one in enumerate(spelt):
        site.html(
            f"/page/{n}",
            f'<link rel="canonical" href="{one}"><meta http-equiv="refresh" content="0; url={one}">'
            f'<base href="{one}"><a href="{one}">on</a><img src="{one}"><iframe src="{one}"></iframe>',
        )
        site.pages[f"/hop/{n}"] = Page(b"", 302, {"Location": _one_line(one)})
    pages = "".join(f"<url><loc>{site.url}/page/{n}</loc></url>" for n in range(len(spelt)))
    inner = "".join(f"<url><loc>{one}</loc></url>" for one in spelt)
    site.html("/sitemap.xml", "")
    site.pages["/sitemap.xml"].body = f"<urlset>{inner}{pages}</urlset>".encode()
    site.html("/index.xml", "")
    maps = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in [*spelt, f"{site.url}/sitemap.xml"])
    site.pages["/index.xml"].body = f"<sitemapindex>{maps}</sitemapindex>".encode()
    site.html("/feed", "")
    items = "".join(f"<item><link>{one}</link></item>" for one in spelt)
    site.pages["/feed"].body = f"<rss><channel>{items}</channel></rss>".encode()
    sent: list[str] = []
    try:
        for discover, start in (("listing", "/links"), ("sitemap", "/index.xml"), ("feed", "/feed")):
            (folder / discover).mkdir()
            crawls = Crawls(folder / discover, site, forks)
            crawls.declare(
                discover=discover,
                start=[site.url + start],
                follow=".",
                hosts=sorted({*hosts, *names, *rebinding}),
                concurrency=8,
            )
            said = crawls.crawl(code=WATCHED)
            crawls.check()
            lines = [line.split()[1:] for line in said.splitlines() if line.startswith("CONNECTED")]
            assert lines, "nothing was watched"
            sent += [" ".join(line) for line in lines if line != ["127.0.0.1", str(port)]]
            if discover == "listing":
                # It was tried: names were asked for their robots.txt, and the others looked up again.
                assert site.asked["/robots.txt"] >= len(names) + len(rebinding)
                again = {line.split()[1] for line in said.splitlines() if re.match(r"RESOLVED r.* 2$", line)}
                assert len(again) >= len(rebinding) // 2  # a connection that was kept needs no second look
            crawls.close()
    finally:
        site.close()
    tried = len(spelt) * len(WAYS)
    row(f"SSRF: {len(spelt)} spellings by {len(WAYS)} ways, not sent", tried - len(sent), tried)
    assert not sent, json.dumps(sent[:20])


def test_a_few_spellings_are_sent_nowhere(tmp_path: Path, forks: Forks) -> None:
    attacked(tmp_path, forks, spellings()[::10])


@pytest.mark.slow
def test_no_spelling_is_sent_anywhere(tmp_path: Path, forks: Forks) -> None:
    spelt = spellings()
    assert len(spelt) == 200
    attacked(tmp_path, forks, spelt)

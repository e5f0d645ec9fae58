from __future__ import annotations

import gzip
import http.client
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.declaration.loading import load_source
from flows.replicas import Replica, serve
from flows.replicas.serving import BUILDERS
from output.base.errors import UsageError


@pytest.fixture(scope="module")
def blog() -> Iterator[Replica]:
    with serve(["blog"]) as (replica,):
        yield replica


@pytest.fixture
def line(blog: Replica) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", blog.port, timeout=10)
    yield connection
    connection.close()


def ask(
    line: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    line.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = line.getresponse()
    return response, response.read()


def path_of(blog: Replica) -> str:
    return blog.truth()[0].url.removeprefix(blog.base)


def test_one_connection_serves_several_requests(blog: Replica, line: http.client.HTTPConnection) -> None:
    ask(line, "/")
    kept = line.sock
    page, body = ask(line, path_of(blog))
    head, nothing = ask(line, path_of(blog), "HEAD")
    assert line.sock is kept
    assert page.status == head.status == 200
    assert nothing == b""
    assert head.headers["Content-Length"] == str(len(body))


def test_the_clock_is_frozen(line: http.client.HTTPConnection) -> None:
    assert ask(line, "/")[0].headers["Date"] == "Fri, 01 Mar 2024 08:00:00 GMT"


def test_validators_are_honoured(blog: Replica, line: http.client.HTTPConnection) -> None:
    path = path_of(blog)
    page, _ = ask(line, path)
    tag, modified = page.headers["ETag"], page.headers["Last-Modified"]
    same, nothing = ask(line, path, If_None_Match=f'"other", {tag}')
    assert (same.status, nothing) == (304, b"")
    assert same.headers["ETag"] == tag
    assert "Content-Type" not in same.headers
    assert ask(line, path, If_Modified_Since=modified)[0].status == 304
    assert ask(line, path, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT")[0].status == 200
    assert ask(line, path, If_Modified_Since="yesterday")[0].status == 200
    assert ask(line, path, If_None_Match='"other"', If_Modified_Since=modified)[0].status == 200


def test_pages_are_packed_for_those_who_take_gzip(blog: Replica, line: http.client.HTTPConnection) -> None:
    plain, body = ask(line, path_of(blog))
    packed, bytes_sent = ask(line, path_of(blog), Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(bytes_sent) == body
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_requests_are_logged(blog: Replica, line: http.client.HTTPConnection) -> None:
    before = len(blog.requests)
    _, body = ask(line, "/robots.txt")
    ask(line, "/no-such-page/")
    found, missing = blog.requests[before:]
    assert (found.site, found.method, found.path, found.status, found.size) == (
        "blog",
        "GET",
        "/robots.txt",
        200,
        len(body),
    )
    assert missing.status == 404


def test_a_client_that_goes_away_makes_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    with serve(["blog"]) as (replica,), socket.create_connection(("127.0.0.1", replica.port)) as hasty:
        # Linger for no time: closing sends a reset, with most of the answers still to come.
        hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hasty.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        assert hasty.recv(1000)
    assert capfd.readouterr().err == ""


def test_a_second_process_finds_the_same_ports(tmp_path: Path) -> None:
    file = tmp_path / "data" / "ports.json"
    with serve(["blog", "news"], ports_file=file) as replicas:
        first = [replica.base for replica in replicas]
    with serve(["news", "blog"], edition=2, ports_file=file) as replicas:
        assert [replica.base for replica in replicas] == first[::-1]
    assert set(json.loads(file.read_text())) == {"blog", "news"}


def test_a_name_that_is_new_in_the_file_gets_a_port_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    with serve(["blog"], ports_file=file) as (blog,), serve(["news"], ports_file=file) as (news,):
        assert json.loads(file.read_text()) == {"blog": blog.port, "news": news.port}


def test_a_port_that_is_taken_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"'blog' cannot have port {port}.*end what listens there"):
            serve(["blog"], ports={"blog": port}).__enter__()
        file = tmp_path / "ports.json"
        file.write_text(json.dumps({"blog": port}))
        with pytest.raises(UsageError, match=r"remove .*ports\.json"):
            serve(["blog"], ports_file=file).__enter__()


def test_bad_arguments_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no replica 'blogg'; there are blog, "):
        serve(["blogg"]).__enter__()
    with pytest.raises(UsageError, match="no edition 3"):
        serve(["blog"], edition=3).__enter__()
    file = tmp_path / "ports.json"
    file.write_text("[28470]")
    with pytest.raises(UsageError, match=r"ports\.json does not hold"):
        serve(["blog"], ports_file=file).__enter__()


@pytest.mark.parametrize("name", BUILDERS)
def test_each_site_brings_its_source(name: str, tmp_path: Path) -> None:
    with serve([name]) as (replica,):
        source = load_source(replica.source_path(tmp_path))
    assert source.id == name == replica.name
    assert source.crawl.loopback
    assert source.crawl.delay == 0
    assert all(url.startswith(replica.base) for url in source.crawl.start)

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from output.base.errors import UsageError
from output.base.records import Access, Document, Heading
from output.formats.jsonl import read_jsonl, write_jsonl


def written(*records: object) -> str:
    stream = io.StringIO()
    assert write_jsonl(records, stream) == len(records)
    return stream.getvalue()


def test_a_record_is_a_line_that_reads_back(tmp_path: Path) -> None:
    document = Document(
        "i", "v", "s", "in", "u", text="总则\n第一条", headings=(Heading(1, "总则", 0),), access=Access.FULL
    )
    file = tmp_path / "documents.jsonl"
    file.write_text(written(document, {"id": 2}), "utf-8")
    (one, first), (two, second) = read_jsonl(file)
    assert (one, two, second) == (1, 2, {"id": 2})
    assert (first["text"], first["access"], first["work_id"]) == ("总则\n第一条", "full", None)
    assert first["headings"] == [{"level": 1, "text": "总则", "offset": 0}]
    assert "总则" in file.read_text("utf-8")


def test_what_breaks_lines_files_or_terminals_is_kept_out_of_the_bytes() -> None:
    text = "a\ud800b\u2028c\u0085d\x9b31me\x1b\x7f\0é"
    line = written({"text": text})
    assert line.encode()
    assert len(line.splitlines()) == 1
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in line.rstrip("\n"))
    assert json.loads(line)["text"] == text.replace("\ud800", "\ufffd")


def test_numbers_that_json_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        written({"score": float("nan")})


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize(("ending", "compress"), [("zst", zstandard.compress), ("GZ", gzip.compress)])
def test_compressed_lines_are_read_over_all_frames(
    tmp_path: Path, ending: str, compress: Callable[[bytes], bytes], frames: int
) -> None:
    file = tmp_path / f"documents.jsonl.{ending}"
    text = "x" * 300_000
    file.write_bytes(compress(f'{{"text": "{text}"}}\n'.encode()) * frames)
    assert [number for number, line in read_jsonl(file) if line["text"] == text] == [*range(1, frames + 1)]


def test_blank_lines_a_byte_order_mark_and_a_missing_end_are_no_trouble(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\n{"a": 2}')
    assert list(read_jsonl(file)) == [(1, {"a": 1}), (3, {"a": 2})]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"a": 1', "not JSON"),
        (b"\xff\xfe", "not UTF-8 at byte 1"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, complaint: str) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b'{"a": 1}\n' + line + b"\n")
    lines = read_jsonl(file)
    assert next(lines) == (1, {"a": 1})
    with pytest.raises(UsageError, match=rf"lines\.jsonl:2: {complaint}"):
        next(lines)


GOOD = b'{"id": "good"}\n'


def read(file: Path) -> tuple[list[tuple[int, Any]], list[str]]:
    """The values of a file that can be read, and what is said of the others."""
    said: list[str] = []
    values = list(read_jsonl(file, unreadable=lambda where, why: said.append(f"{where}: {why}")))
    return values, said


@pytest.mark.parametrize(
    ("name", "pack"),
    [("bomb.jsonl.zst", zstandard.compress), ("bomb.jsonl.gz", gzip.compress), ("bomb.jsonl", bytes)],
)
@pytest.mark.parametrize("filling", [b" ", b"x", b"["])
def test_a_line_that_is_too_long_costs_itself(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    pack: Callable[[bytes], bytes],
    filling: bytes,
) -> None:
    monkeypatch.setattr("output.formats.jsonl.MAX_LINE_BYTES", 2**21)
    file = tmp_path / name
    file.write_bytes(pack(GOOD + filling * 2**22 + b"\n" + GOOD + filling * 2**22))
    values, said = read(file)
    assert values == [(1, {"id": "good"}), (3, {"id": "good"})]
    assert said == [f"{file}:{n}: over 2 MiB; a line holds one page or document" for n in (2, 4)]
    with pytest.raises(UsageError, match=rf"{name}:2: over 2 MiB"):
        list(read_jsonl(file))


def test_a_line_of_the_greatest_length_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.formats.jsonl.MAX_LINE_BYTES", 2**21)
    file = tmp_path / "lines.jsonl"
    longest, longer = (b'"' + b"x" * (2**21 - 3 + more) + b'"\n' for more in (0, 1))
    file.write_bytes(longest + longer + longest[:-1])
    values, said = read(file)
    assert [(number, len(value)) for number, value in values] == [(1, 2**21 - 3), (3, 2**21 - 3)]
    assert [line.partition(" ")[0] for line in said] == [f"{file}:2:"]


def test_a_line_without_an_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.formats.jsonl.MAX_LINE_BYTES", 2**21)
    monkeypatch.setattr("output.formats.jsonl.MAX_SKIPPED_BYTES", 2**22)
    file = tmp_path / "bomb.jsonl.zst"
    file.write_bytes(zstandard.compress(GOOD + b" " * 2**24 + b"\n" + GOOD))
    values, said = read(file)
    assert values == [(1, {"id": "good"})]
    assert said == [f"{file}:2: over 0 GiB without a line's end, and not read further; is this JSON Lines?"]


@pytest.mark.parametrize("value", [b'{"a":0}', b"[]", b'"ab"', b"1.5"])
def test_more_values_than_memory_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: bytes
) -> None:
    monkeypatch.setattr("output.formats.jsonl.MAX_VALUES", 1000)
    file = tmp_path / "lines.jsonl"
    text = b'{"html": "<script>%s</script>"}\n' % (b"[1,2]," * 500)
    few, many = (b"[" + b",".join([value] * n) + b"]\n" for n in (400, 1001))
    file.write_bytes(text + few + many + GOOD)
    values, said = read(file)
    assert [number for number, _ in values] == [1, 2, 4]
    assert said == [f"{file}:3: over 1,000 values; a line holds one page or document"]


def test_a_key_that_is_there_twice_makes_a_line_ambiguous(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    inside = b'{"id": "c", "other": {"a": 1, "a": 2}}\n'
    file.write_bytes(b'{"id": "a", "html": "", "id": "b"}\n' + inside + GOOD)
    values, said = read(file)
    assert values == [(2, {"id": "c", "other": {"a": 2}}), (3, {"id": "good"})]
    assert said == [f"{file}:1: the key 'id' is there twice; leave one"]


@pytest.mark.parametrize("ending", ["zst", "gz"])
@pytest.mark.parametrize("harm", ["cut", "damaged"])
def test_a_broken_compressed_file_is_named_after_its_whole_lines(
    tmp_path: Path, ending: str, harm: str
) -> None:
    file = tmp_path / f"documents.jsonl.{ending}"
    compress = zstandard.compress if ending == "zst" else gzip.compress
    first, second = (compress(f'{{"n": {n}}}\n'.encode() * 1000) for n in (1, 2))
    file.write_bytes(first + (second[:-5] if harm == "cut" else b"\1" + second))
    lines: list[tuple[int, object]] = []
    with pytest.raises(UsageError, match=rf"documents\.jsonl\.{ending}:\d+: the compressed file is \w+"):
        lines.extend(read_jsonl(file))
    assert len(lines) >= 1000

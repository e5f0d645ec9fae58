from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli.__main__ import main
from flows.commands.dedupe import dedupe_file
from output.base.errors import UsageError


def write(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_relations_are_written_and_counted(law: Callable[..., str], tmp_path: Path) -> None:
    whole = law(1, 20)
    file = write(
        tmp_path / "in.jsonl",
        {"id": 1, "text": whole, "language": "en"},
        {"id": "b", "text": whole.upper(), "date_issued": "1999-01-01", "access": "full"},
        {"id": "c", "text": "\n".join(whole.splitlines()[:9]), "title": None},
    )
    counts = dedupe_file(file, tmp_path / "out.jsonl")
    assert counts == {"documents": 3, "same": 1, "contains": 2}
    found = read(tmp_path / "out.jsonl")
    assert {"a": "b", "b": "1", "relation": "same", "score": 1.0, "rule": "identical"} in found
    assert {tuple(line) for line in found} == {("a", "b", "relation", "score", "rule")}


def test_what_is_known_of_a_document_counts(law: Callable[..., str], tmp_path: Path) -> None:
    text = law(2, 14)
    lines = [
        {"id": "old", "text": text, "document_number": "No. 5"},
        {"id": "new", "text": text + "\nOne line more.", "document_number": "No. 9"},
    ]
    dedupe_file(write(tmp_path / "in.jsonl", *lines), tmp_path / "out.jsonl")
    assert [(r["a"], r["b"], r["relation"]) for r in read(tmp_path / "out.jsonl")] == [
        ("new", "old", "version")
    ]


def test_the_summary_counts_documents_and_relations(law: Callable[..., str], tmp_path: Path) -> None:
    file, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [{"id": "a", "text": law(1, 20)}, {"id": "b", "text": "Nothing of the kind."}]
    write(file, *lines)
    said = CliRunner().invoke(main, ["dedupe", str(file), "--output", str(output)]).stderr
    assert said == f"2 documents, 0 relations in {output}\n"
    write(file, *lines, {"id": "c", "text": law(1, 20)})
    said = CliRunner().invoke(main, ["dedupe", str(file), "--output", str(output)]).stderr
    assert said == f"3 documents, 1 same in {output}\n"


def test_an_empty_file_has_no_relations(tmp_path: Path) -> None:
    assert dedupe_file(write(tmp_path / "in.jsonl"), tmp_path / "out.jsonl") == {"documents": 0}
    assert read(tmp_path / "out.jsonl") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"in\.jsonl:2: not JSON"),
        ("[1]", r"in\.jsonl:2: not a JSON object"),
        ({"text": "x"}, r"in\.jsonl:2: `id` is missing"),
        ({"id": True, "text": "x"}, r"in\.jsonl:2: `id` is neither a string nor a whole number"),
        ({"id": "x"}, r"in\.jsonl:2: `text` of document 'x' is missing"),
        ({"id": "x", "text": 5}, r"in\.jsonl:2: `text` of document 'x' is not a string"),
        ({"id": "1", "text": "x"}, r"two lines have the id '1'"),
    ],
)
def test_a_line_that_is_no_document_is_named(tmp_path: Path, line: Any, message: str) -> None:
    file = write(tmp_path / "in.jsonl", {"id": "1", "text": "first"}, line)
    with pytest.raises(UsageError, match=message):
        dedupe_file(file, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_the_file_itself_is_not_written_over(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", {"id": 1, "text": "x"})
    (tmp_path / "same.jsonl").symlink_to(file)
    with pytest.raises(UsageError, match="is an input, and cannot be the output too"):
        dedupe_file(file, tmp_path / "same.jsonl")
    assert read(file) == [{"id": 1, "text": "x"}]


def test_an_id_of_a_batch_before_is_refused(tmp_path: Path) -> None:
    lines = [{"id": n, "text": f"text {n}"} for n in range(501)]
    with pytest.raises(UsageError, match="two lines have the id '0'"):
        dedupe_file(write(tmp_path / "in.jsonl", *lines, {"id": 0, "text": "x"}), tmp_path / "out.jsonl")


def test_thousands_of_identical_documents_are_one_star(law: Callable[..., str], tmp_path: Path) -> None:
    text = law(5, 3)
    lines = [{"id": n, "text": f"{text}{' ' * (n % 3)}"} for n in range(3000)]
    counts = dedupe_file(write(tmp_path / "in.jsonl", *lines), tmp_path / "out.jsonl")
    assert counts == {"documents": 3000, "same": 2999}
    found = read(tmp_path / "out.jsonl")
    assert {line["a"] for line in found} == {"0"}
    assert len({line["b"] for line in found}) == 2999


def test_many_that_are_nearly_identical_have_few_relations_each(
    law: Callable[..., str], tmp_path: Path
) -> None:
    text = law(6, 6)
    lines = [{"id": n, "text": f"{text[:40]}{n:04}{text[40:]}"} for n in range(600)]
    counts = dedupe_file(write(tmp_path / "in.jsonl", *lines), tmp_path / "out.jsonl")
    assert counts == {"documents": 600, "same": 599}


@pytest.mark.parametrize("access", [[], {}, 7, "no such verdict"])
def test_a_verdict_that_is_none_is_unknown(tmp_path: Path, access: Any) -> None:
    file = write(tmp_path / "in.jsonl", {"id": "1", "text": "x", "access": access})
    assert dedupe_file(file, tmp_path / "out.jsonl") == {"documents": 1}


def test_the_command_takes_the_survivors_that_the_data_folder_names(
    law: Callable[..., str], tmp_path: Path
) -> None:
    file = write(
        tmp_path / "in.jsonl",
        {"id": "old", "text": law(1), "date_issued": "2001-01-01"},
        {"id": "new", "text": law(1), "date_issued": "2020-01-01"},
    )
    arguments = ["--data", str(tmp_path), "dedupe", str(file), "--output", str(tmp_path / "out.jsonl")]
    for setting, survivor in (('survivor = ["latest"]', "new"), ("", "old")):
        (tmp_path / "stores.toml").write_text(setting)
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        assert [line["a"] for line in read(tmp_path / "out.jsonl")] == [survivor]

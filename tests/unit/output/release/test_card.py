import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from output.base.records import Access, Removal, RemovalKind
from output.dataset import fixity
from output.dataset.dataset import Dataset
from output.formats.jsonl import read_jsonl
from output.formats.untrusted_text import markdown, one_line
from output.release.release import Release, cut_release, verify_release
from output.release.tables import OTHER_TABLES
from tests.unit.output.gazette_records import RUN, document, pair, rejection, relation, report, url

# What a hostile page calls itself.
EVIL = '\x1b]0;owned\x07=HYPERLINK("https://evil.example")\n# Big\u202e](javascript:x)<script>|'


@pytest.fixture
def made(tmp_path: Path) -> Release:
    dataset = Dataset(tmp_path / "dataset")
    dataset.publish(
        report(),
        [
            document("law", "A\tB\n1\t2 [1]\n[1] Footnote.", language="zh-Hans", date_published="2021-09-01"),
            document("later", language="en", date_published="2022"),
            document("evil", EVIL, title=EVIL, licence=EVIL),
            document("teaser", access=Access.TEASER),
        ],
        [
            Removal("gazette", url("law"), RUN, kind, "r", "e", 0, EVIL)
            for kind in (RemovalKind.NAV, RemovalKind.NAV, RemovalKind.SHARE)
        ],
        [rejection("file", reason="not_html")],
        [relation("law", "later")],
    )
    gaps = {"gazette": {"refused: robots": 3, "failed: timeout": 1}, "whole": {}}
    return cut_release(tmp_path / "releases", dataset, gaps=gaps)


def test_the_card_says_what_is_in_it_how_it_was_cleaned_and_what_is_missing(made: Release) -> None:
    card = (made.path / "README.md").read_text("utf-8")
    for words in (
        "# 2 documents as of 2026-01-02",
        "| zh-Hans | 1 |",
        "![Documents by year](charts/years.svg)",
        "| rules | none | 2 |",
        "| gazette | 1 failed: timeout, 3 refused: robots |",
        "| not\\_html | 1 |",
        "1 text cut, or perhaps cut (teaser: 1); 1 duplicate of",
        "| `removals.parquet` | 3 receipts",
    ):
        assert words in card


def test_every_relative_link_and_named_file_is_there(made: Release) -> None:
    card = (made.path / "README.md").read_text("utf-8")
    for name in re.findall(r"(?<!\\)\]\((?!http)([^)]+)\)", card):
        assert (made.path / name).is_file(), name
    for name in re.findall(r"^\| `([a-zA-Z.]+)`", card, re.MULTILINE):
        assert (made.path / name).is_file(), name


def test_the_charts_are_svg_with_the_numbers(made: Release) -> None:
    years = ElementTree.parse(made.path / "charts" / "years.svg")
    words = [element.text for element in years.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["Documents by year", "no date", "1", "2021", "1"]


def test_the_croissant_names_every_file_with_its_hash_and_describes_each_column(made: Release) -> None:
    croissant = json.loads((made.path / "croissant.json").read_text("utf-8"))
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    files = {one["contentUrl"]: one["sha256"] for one in croissant["distribution"] if "sha256" in one}
    listed = {entry["path"]: entry["sha256"] for entry in made.manifest["files"]}
    assert files == {path: digest for path, digest in listed.items() if path != "croissant.json"}
    records, *tables = croissant["recordSet"]
    (file_set,) = [one for one in croissant["distribution"] if one["@type"] == "cr:FileSet"]
    for field in records["field"]:
        assert field["@id"] == f"documents/{field['source']['extract']['column']}"
        assert field["source"]["fileSet"]["@id"] == file_set["@id"]
    assert {"documents/text", "documents/authors", "documents/characters"} <= {
        f["@id"] for f in records["field"]
    }
    assert {table["name"] for table in tables} == {*OTHER_TABLES, "changes"}
    for table in tables:
        columns = pq.read_schema(made.path / f"{table['name']}.parquet").names
        assert [field["source"]["extract"]["column"] for field in table["field"]] == columns
        assert all(field["description"] for field in table["field"])


def test_the_overview_opens_in_a_spreadsheet_and_runs_nothing(made: Release) -> None:
    raw = (made.path / "documents.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw)
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert len(rows) == 2
    assert "text" not in rows[0]
    assert all(not re.match(r"\s*[=+\-@]", cell) for row in rows for cell in row.values())
    evil = next(row for row in rows if row["id"] == url("evil"))
    assert evil["title"].startswith("' ]0;owned =HYPERLINK") or "HYPERLINK" in evil["title"]


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "＝1+1", "＠x"])
def test_a_formula_begins_with_a_quote(sign: str) -> None:
    import pyarrow as pa

    from output.formats.spreadsheet import cells

    assert cells(pa.array([sign, "1 = 1", None])).to_pylist() == [
        "'" + sign.replace("\t", " "),
        "1 = 1",
        None,
    ]


def test_no_text_that_people_read_carries_what_a_terminal_obeys(made: Release) -> None:
    for name in ("README.md", "CHANGES.md", "croissant.json", "manifest.json", "charts/years.svg"):
        text = (made.path / name).read_text("utf-8")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), name
    assert not re.search(r"(?<!\\)\]\(javascript", (made.path / "README.md").read_text("utf-8"))
    assert "<script>" not in (made.path / "README.md").read_text("utf-8")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", markdown(EVIL) + one_line(EVIL))


def test_a_tables_tabs_and_its_footnote_are_in_both_formats(made: Release) -> None:
    expected = "A\tB\n1\t2 [1]\n[1] Footnote."
    lines = [line["text"] for _, line in read_jsonl(made.path / "documents.jsonl.zst")]
    assert expected in lines
    assert expected in pq.read_table(made.path / "documents")["text"].to_pylist()


def test_checksums_that_name_a_file_elsewhere_are_damage(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    dataset.publish(report(), [document("law")])
    (tmp_path / "secret").write_text("x")
    with (tmp_path / "dataset" / fixity.CHECKSUMS_FILE).open("ab") as file:
        file.write(fixity._dumped({"path": "../secret", "bytes": 1, "sha256": "0" * 64}))
    assert ["does not match its own checksum" in line for line in dataset.verify()] == [True]


def test_names_in_the_data_never_leave_the_folder(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "in" / "dataset")
    bad = {
        "source_id": "../../evil",
        "archive_file": "../../etc/passwd",
        "language": "../../x",
        "licence": "../y",
    }
    dataset.publish(report(source_id="../../evil"), [document("../../../law", **bad)])
    made = cut_release(tmp_path / "in" / "releases", dataset, gaps={"../../evil": {"failed: ../..": 1}})
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"dataset", "releases"}
    assert verify_release(made.path) == []


def test_a_manifest_that_names_files_elsewhere_is_told_and_they_are_not_read(made: Release) -> None:
    from output.release import manifest

    body = {key: value for key, value in made.manifest.items() if key not in ("id", "digest")}
    entry = {"path": "../../dataset/fixity.jsonl", "bytes": 1, "sha256": "0" * 64}
    manifest.write(made.path, manifest.sealed(body | {"files": [*body["files"], entry]}))
    assert verify_release(made.path) == [f"{made.path}/../../dataset/fixity.jsonl: missing"]


def test_pairs_are_released_where_both_their_documents_are(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    cut = document("cut", access=Access.TEASER)
    rows = [pair("law", "law-en"), pair("law", "cut"), pair("law", "gone")]
    dataset.publish(report(), [document("law"), document("law-en"), cut], pairs=rows)
    made = cut_release(tmp_path / "releases", dataset)
    assert pq.read_table(made.path / "pairs.parquet")["b"].to_pylist() == [url("law-en")]
    assert made.manifest["counts"]["tables"]["pairs"] == 1
    assert "| `pairs.parquet` | 1 articles and paragraphs" in (made.path / "README.md").read_text("utf-8")
    dataset.forget([url("law-en")])
    assert cut_release(tmp_path / "releases", dataset).manifest["counts"]["tables"]["pairs"] == 0

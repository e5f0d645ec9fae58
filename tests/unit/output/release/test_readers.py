"""The card's own words, run in the folder of a release: each reader, each question."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from output.archive.archive import ArchiveWriter
from output.base.records import sha256_hex
from output.base.relations import RelationKind
from output.dataset.dataset import Dataset
from output.release.recipes import QUERIES, READERS
from output.release.release import Release, cut_release
from tests.unit.output.gazette_records import LATER, RUN, document, relation, report

BODY = "<p>第一条 本条例自2022年1月1日起施行。 It takes effect on 1 January 2022.</p>".encode()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    data = tmp_path_factory.mktemp("data")
    writer = ArchiveWriter(
        data / "archive", "gazette", run_id=RUN, end_of=lambda _: 0, closed=lambda *_: None
    )
    refs = [
        writer.write_response(
            url=f"https://gazette.example/{name}",
            status=200,
            reason="OK",
            request_headers=[],
            response_headers=[("Content-Type", "text/html")],
            body=body,
            sha256=sha256_hex(body),
            fetched_at=datetime(2026, 1, 2, tzinfo=UTC),
        )
        for name, body in (("law", b"<p>old</p>"), ("law-en", BODY))
    ]
    found = {"raw_sha256": sha256_hex(BODY), "archive_file": refs[1].file, "archive_offset": refs[1].offset}
    dataset = Dataset(data / "dataset")
    dataset.publish(report(), [document("older", "Clause one.", date_effective="2020-01-01", language="en")])
    cut_release(data / "releases", dataset)
    law = document("law", "第一条", LATER, date_effective="2022-01-01", language="zh-Hans")
    english = document(
        "law-en",
        "It takes effect on 1 January 2022.",
        LATER,
        date_effective="2022-01-01",
        language="en",
        **found,
    )
    pair = relation("law", "law-en", LATER, RelationKind.TRANSLATION)
    dataset.publish(report(LATER), [law, english], relations=[pair])
    return cut_release(data / "releases", dataset)


@pytest.mark.proof
@pytest.mark.parametrize("reader", READERS, ids=[name for name, _, _ in READERS])
def test_a_reader_opens_the_release_as_the_card_says(
    release: Release, reader: tuple[str, str, str], tmp_path: Path
) -> None:
    name, tongue, code = reader
    assert f"```{tongue}\n{code}\n```" in (release.path / "README.md").read_text("utf-8")
    if tongue == "python":
        pytest.importorskip(re.findall(r"import (\w+)", code)[-1])
        command = [sys.executable, "-c", code]
    else:
        programs = {word for word in ("duckdb", "zstdcat", "jq") if re.search(rf"(^|\| ){word}\b", code)}
        if missing := sorted(program for program in programs if not shutil.which(program)):
            pytest.skip(f"no {', '.join(missing)} on this machine")
        command = ["sh", "-c", code]
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_TELEMETRY": "1"}
    shown = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=release.path, env=os.environ | offline
    )
    assert shown.returncode == 0, shown.stderr
    assert "3" in shown.stdout or "law" in shown.stdout, f"{name}: {shown.stdout}"


def asked(release: Release, number: int) -> list[tuple[object, ...]]:
    _, query, _ = QUERIES[number]
    assert query in (release.path / "README.md").read_text("utf-8")
    here = query.replace("from '", f"from '{release.path}/").replace("join '", f"join '{release.path}/")
    with duckdb.connect() as connection:
        return connection.execute(here).fetchall()


def test_which_regulations_took_effect_after_a_date_and_their_originals(release: Release) -> None:
    (law,) = asked(release, 0)
    assert law == ("2022-01-01", "law-en", None, "law", "https://gazette.example/law")


def test_what_changed_since_the_release_before(release: Release) -> None:
    assert [(change, title) for change, _, title, *_ in asked(release, 1)] == [
        ("added", "law"),
        ("added", "law-en"),
    ]


@pytest.mark.skipif(not shutil.which("gzip"), reason="no gzip on this machine")
def test_where_a_sentence_comes_from_down_to_the_bytes(release: Release) -> None:
    (found,) = asked(release, 2)
    title, url, _, at, digest, file, offset = found
    assert (title, url, at) == ("law-en", "https://gazette.example/law-en", 4)
    _, _, after = QUERIES[2]
    (command,) = re.findall(r"`(tail .*?)`", after)
    command = command.replace("archive_offset", str(offset)).replace("ARCHIVE_FILE", str(file))
    data = release.path.parent.parent
    record = subprocess.run(["sh", "-c", command], capture_output=True, check=False, cwd=data).stdout
    assert record.startswith(b"WARC/1.1")
    assert record.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[2].startswith(BODY)
    assert sha256_hex(BODY) == digest


@pytest.mark.proof
def test_croissant_validates(release: Release) -> None:
    pytest.importorskip("mlcroissant")
    code = (
        "import mlcroissant\n"
        'dataset = mlcroissant.Dataset("croissant.json")\n'
        "assert not dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.report()\n"
        "assert not dataset.metadata.ctx.issues.warnings, dataset.metadata.ctx.issues.report()\n"
        "tables = [one.uuid for one in dataset.metadata.record_sets]\n"
        "import json; print(json.dumps({name: len(list(dataset.records(name))) for name in tables}))\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=release.path
    )
    counted = {"documents": 3, "changes": 2, **release.manifest["counts"]["tables"]}
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout) == counted

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from output.archive.archive import ArchiveWriter
from output.base.records import ArchiveRef, Outcome, sha256_hex
from output.ledger.ledger import Ledger
from output.ledger.records import Fetched, Scheduled, Settled

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


@dataclass
class Crawl:
    """A ledger, an archive folder and one run, with the calls that a crawler makes."""

    ledger: Ledger
    folder: Path
    run_id: str
    writers: list[ArchiveWriter] = field(default_factory=list)

    def writer(self, rotate_bytes: int = 1 << 30) -> ArchiveWriter:
        made = ArchiveWriter(
            self.folder,
            "blog",
            run_id=self.run_id,
            end_of=self.ledger.archive_end,
            closed=self.ledger.close_file,
            rotate_bytes=rotate_bytes,
        )
        self.writers.append(made)
        return made

    def write(self, writer: ArchiveWriter, url: str, body: bytes = b"<p>text</p>") -> ArchiveRef:
        return writer.write_response(
            url=url,
            status=200,
            reason="OK",
            request_headers=[("User-Agent", "Tamis")],
            response_headers=[("Content-Type", "text/html; charset=utf-8")],
            body=body,
            sha256=sha256_hex(body),
            fetched_at=NOW,
        )

    def revisit(self, writer: ArchiveWriter, url: str, body: ArchiveRef, status: int) -> ArchiveRef:
        return writer.write_revisit(
            url=url,
            status=status,
            reason="Not Modified" if status == 304 else "OK",
            request_headers=[],
            response_headers=[("ETag", '"1"'), ("Content-Length", "11")],
            fetched_at=NOW,
            refers_to=body,
            refers_to_url=url,
            refers_to_date=NOW,
            sha256=sha256_hex(b"<p>text</p>"),
        )

    def commit(
        self, url: str, ref: ArchiveRef, outcome: Outcome = Outcome.PUBLISHED, body: bytes = b"<p>text</p>"
    ) -> None:
        self.ledger.schedule(self.run_id, [Scheduled(url)])
        fetched = Fetched(url, 200, ref, "response", sha256_hex(body), NOW)
        self.ledger.fetched(self.run_id, [(fetched, Settled(url, outcome))])

    def path(self, number: int = 1) -> Path:
        return self.folder / "blog" / f"{self.run_id}-{number:05d}.warc.gz"

    def kill(self, writer: ArchiveWriter) -> None:
        """Leave a writer as kill -9 does: nothing is closed, nothing is cut."""
        self.writers.remove(writer)


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file, at a byte."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

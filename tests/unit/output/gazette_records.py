"""Records of a made-up gazette, as the tests of this folder publish them."""

from output.base.records import Access, Document, Rejection, Removal, RemovalKind, RunReport, text_version
from output.base.relations import Pair, PairStatus, Relation, RelationKind

RUN = "20260102T030405-a"
LATER = "20260103T030405-b"


def url(name: str) -> str:
    return f"https://gazette.example/{name}"


def report(run_id: str = RUN, **changes: object) -> RunReport:
    started = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T03:04:05Z"
    fields = {"run_id": run_id, "source_id": "gazette", "status": "published", "started_at": started}
    return RunReport(**{**fields, **changes})  # type: ignore[arg-type]


def document(name: str, text: str = "Clause one.", run_id: str = RUN, **changes: object) -> Document:
    fields: dict[str, object] = {
        "id": url(name),
        "version": text_version(name, text),
        "source_id": "gazette",
        "input_id": url(name),
        "url": url(name),
        "title": name,
        "text": text,
        "characters": len(text),
        "access": Access.FULL,
        "run_id": run_id,
    }
    return Document(**{**fields, **changes})  # type: ignore[arg-type]


def removal(name: str, run_id: str = RUN, text: str = "Home | Laws") -> Removal:
    return Removal("gazette", url(name), run_id, RemovalKind.NAV, "lexicon:nav", "Home", 0, text)


def rejection(name: str, run_id: str = RUN, reason: str = "not_html") -> Rejection:
    return Rejection("gazette", url(name), run_id, url(name), reason, "application/pdf")


def relation(a: str, b: str, run_id: str = RUN, kind: RelationKind = RelationKind.SAME) -> Relation:
    return Relation(url(a), url(b), kind, 1.0, "exact", run_id)


def pair(a: str, b: str, run_id: str = RUN) -> Pair:
    status = PairStatus.ALIGNED
    return Pair(url(a), url(b), "article", "第一条", 0, status, 0, 3, 0, 9, "第一条", "Article 1", "", run_id)

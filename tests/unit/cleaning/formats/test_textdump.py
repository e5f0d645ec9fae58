import pytest

from cleaning.pipeline import Cleaned, clean
from output.base.records import Access, RawPage, RemovalKind, sha256_hex
from tests import SHARED

PARA = (
    "The boats of the lower harbour are counted every spring by two clerks, who write down names and owners. "
)
RULES = [f"Article {n}: {PARA}" for n in range(1, 6)]


def dump(*lines: str, name: str = "saved.txt") -> Cleaned:
    body = "\n".join(lines).encode()
    return clean(
        RawPage(name, "files", "", body, sha256_hex(body), headers=(("content-type", "text/plain"),))
    )


def test_an_archive_is_cut_into_its_posts() -> None:
    found = dump(
        "Fishery", "", "Rules on counting boats", "", "Posted on Updated on", "", *RULES, "",
        "Counting: questions and answers.", "", "Posted on", "", f"{PARA}Read the rest of this entry »", "",
        "Older notes", "", "Posted on 4 May 2019", "", PARA, "", "Read more »",
    )  # fmt: skip
    assert [(d.title, d.part, d.access) for d in found.documents] == [
        ("Rules on counting boats", 0, Access.FULL),
        ("Counting: questions and answers.", 1, Access.TEASER),
        ("Older notes", 2, Access.TEASER),
    ]
    assert len({d.id for d in found.documents}) == 3
    assert found.documents[1].text == PARA.strip()
    assert len(found.documents[0].articles) == 5
    above = [r for r in found.removals if r.rule == "split:above_first_post"]
    assert [(r.kind, r.text) for r in above] == [(RemovalKind.NAV, "Fishery")]


def test_comments_and_their_form_leave_and_readers_words_are_in_no_receipt() -> None:
    found = dump(
        "Harbour rules",
        PARA,
        PARA,
        "2 thoughts on “Harbour rules”",
        "Nonsense, says Bo.",
        "Leave a Reply",
        "Connecting to %s",
    )
    assert found.documents[0].text.split("\n") == [PARA.strip()] * 2
    comments = [r for r in found.removals if r.kind is RemovalKind.COMMENTS]
    assert len(comments) == 2
    assert all(r.text == "" and r.evidence.startswith("sha256:") for r in comments)
    assert "Nonsense" not in repr(found)


SEEDS = SHARED / "data" / "seeds"


@pytest.mark.skipif(
    not SEEDS.is_dir(), reason="needs the sample pages of ../shared, which are no part of the project"
)
def test_the_sample_pages_come_apart_into_all_their_documents() -> None:
    found = [
        dump(*path.read_text(encoding="utf-8").split("\n"), name=path.name)
        for path in sorted(SEEDS.glob("*.txt"))
    ]
    assert [len(page.documents) for page in found] == [1, 2, 22, 1, 2]

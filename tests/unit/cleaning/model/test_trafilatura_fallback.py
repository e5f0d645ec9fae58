from cleaning.model import trafilatura_fallback as fallback
from cleaning.page.parse import parse
from output.base.records import RemovalKind

PARAGRAPHS = [
    f"Paragraph {n} tells how the boats of the lower harbour are counted every spring." for n in range(6)
]
ARTICLE = f"<h1>Counting boats</h1>{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}"


def kept(html: str, text: str) -> list[str]:
    blocks = parse(html).blocks
    return [blocks[i].text for i in sorted(fallback.keep(blocks, text))]


def test_white_space_case_and_markers_do_not_matter() -> None:
    html = "<p>One boat,<br>two BOATS</p><p>Nobody at all</p>"
    assert kept(html, "- one boat, two\nboats") == ["One boat,", "two BOATS"]


def test_a_short_line_counts_where_it_stands_not_where_its_words_occur() -> None:
    html = f"<div>Boats</div><div>Spring</div>{ARTICLE}<div>Boats</div>"
    text = "Counting boats\n" + "\n".join(PARAGRAPHS)
    assert kept(html, text) == ["Counting boats", *PARAGRAPHS]


def test_repeated_lines_are_kept_as_often_as_the_text_holds_them() -> None:
    html = (
        f"<p>{PARAGRAPHS[0]}</p><p>Yes.</p><p>{PARAGRAPHS[1]}</p><p>Yes.</p><p>{PARAGRAPHS[2]}</p><p>Yes.</p>"
    )
    text = "\n".join([PARAGRAPHS[0], PARAGRAPHS[1], "Yes.", PARAGRAPHS[2]])
    assert kept(html, text) == [PARAGRAPHS[0], PARAGRAPHS[1], "Yes.", PARAGRAPHS[2]]


def test_text_in_another_order_is_kept_too() -> None:
    html = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    assert kept(html, "\n".join(reversed(PARAGRAPHS))) == PARAGRAPHS


def test_the_engine_labels_every_block_and_names_places() -> None:
    menu = "<nav class='menu'><a href=/a>Start</a></nav>"
    side = "<div class='comment-list'><p>Nice boats!</p></div>"
    page = parse(f"<html><body>{menu}<article>{ARTICLE}</article>{side}</body></html>")
    labels = fallback.label(page)
    by_text = {block.text: label for block, label in zip(page.blocks, labels, strict=True)}
    assert all(by_text[p].content for p in PARAGRAPHS)
    assert by_text["Start"].kind is RemovalKind.NAV
    assert by_text["Nice boats!"].kind is RemovalKind.COMMENTS
    assert {label.rule for label in labels} == {"engine:trafilatura"}

from __future__ import annotations

import pytest

from cleaning.law.sections import sections
from cleaning.law.tree import units

ACT = """PART 1
INTRODUCTORY
1 Short title
This Act may be cited as the Quay Act 2031.
2 Interpretation
(1) In this Act “quay” means a place to land.
(2) A barge is a vessel.
2A Small quays
Section 3 does not apply to a quay of
1 boat or less.
PART 2
DUES
3.—(1) The harbour master may charge dues—
(a) on landing;
(b) on leaving.
4. (1) Whoever does not pay commits an offence.
5 Commencement
This Act comes into force on 1 May 2031.
SCHEDULE 1
1 Dues for barges are set by the table.
2 Dues for boats are half of that."""


def tree(text: str) -> list[tuple[str, str, str]]:
    return [
        (unit.level, unit.number, text[unit.offset : unit.offset + unit.length].split("\n")[-1])
        for unit in units(text.split("\n"))
    ]


def test_sections_that_are_no_more_than_a_number_divide_a_statute() -> None:
    found = tree(ACT)
    assert [number for level, number, _ in found if level == "article"] == ["1", "2", "2A", "3", "4", "5"]
    assert [number for level, number, _ in found if level == "part"] == ["PART 1", "PART 2"]
    assert ("item", "(2)", "(2) A barge is a vessel.") in found
    assert ("article", "3", "(b) on leaving.") in found


def test_a_table_of_contents_is_not_the_statute() -> None:
    assert len(sections(ACT.split("\n"))) == 6
    contents = "\n".join(line for line in ACT.split("\n") if line[:1] in "P12345")
    assert [one.line for one in sections(f"{contents}\n{ACT}".split("\n"))] == [
        one.line + contents.count("\n") + 1 for one in sections(ACT.split("\n"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        ACT.replace("This Act may be cited as", "Everybody calls this"),  # terms, a guide
        "This Act may be cited as the Quay Act.\n1 May 2031\n2 June 2031",
        "This Act may be cited as the Quay Act.\n1. One\n9. Nine\n20. Twenty\n31. Thirty-one",
        "3. Three\n4. Four\n5. Five\nThis Act may be cited as the Quay Act.",
    ],
)
def test_lists_are_no_statutes(text: str) -> None:
    assert sections(text.split("\n")) == []

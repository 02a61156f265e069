"""Clauses are found by their numbers, whatever their style."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest

from assistant.types import Block
from plugins.contracts.clauses import clauses_of
from plugins.contracts.structure import Clauses
from tests.plugins.contracts.texts import contract, made


def names(text: str, *blocks: Block) -> list[str]:
    return [clause.name for clause in clauses_of(made(text, *blocks))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Services\ntext\n1.1 Scope. The Supplier shall act.\n2. Fees\n", ["1 Services", "1.1 Scope", "2 Fees"]),
        ("7.2 Either party may terminate.\n(a) first\n(b) second", ["7.2", "7.2(a)", "7.2(b)"]),
        ("ARTICLE IX\nTERM\nSection 9.1 Renewal. It renews.", ["Article IX", "TERM", "Section 9.1 Renewal"]),
        ("§ 4 Haftung\n(1) Er haftet.\n(2) Sie nicht.", ["§ 4 Haftung", "§ 4 (1)", "§ 4 (2)"]),
        ("## § 6 Laufzeit\n\n1. Der Vertrag beginnt.\n\n2. Er endet.", ["§ 6 Laufzeit", "§ 6 (1)", "§ 6 (2)"]),
        ("**3.1 Term.** It starts.\n1.2 **Fees.** Pay.", ["3.1 Term", "1.2 Fees"]),
        ("1.    NO WARRANTY AND NO SUPPORT.    \n", ["1 NO WARRANTY AND NO SUPPORT"]),
        ("(h) eight\n(i) nine\n(j) ten", ["(h)", "(i)", "(j)"]),
        ("1. A\n(a) one\n(i) deep\n(ii) deeper\n(b) two", ["1 A", "1(a)", "1(a)(i)", "1(a)(ii)", "1(b)"]),
        ("“Affiliate” means a company.\n", ["Affiliate"]),
        ("Artikel 5 Kündigung\nText", ["Artikel 5 Kündigung"]),
    ],
)
def test_numbers_and_titles(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2.5 percent of the fee",
        "Section 4 applies to\nsection 5 of the act",
        "30 days after that",
        "17. March was cold\nand 3.5 million",
        "6. Not the first of anything",
        "A sentence.\n\nAnother one.",
        "",
    ],
)
def test_what_is_no_clause(text: str) -> None:
    assert names(text) == []


def test_places_nest_and_lose_nothing() -> None:
    document = contract("hosting-2025.md")
    clauses = clauses_of(document)
    by_number = {clause.number: clause for clause in clauses}
    term = by_number["3"]
    assert document.text[term.start : term.head_end] == "3. Term and Termination"
    assert document.text[term.start : term.end].endswith("within ten working days.\n\n")
    assert (by_number["3.2(a)"].above, by_number["3.2(a)"].end) == (
        ("Term and Termination",),
        by_number["3.2(b)"].start,
    )
    assert all(one.start < one.head_end <= one.own_end <= one.end for one in clauses)
    assert all(one.own_end <= other.start for one, other in itertools.pairwise(clauses))


def test_rows_of_tables_are_no_clauses_and_headings_of_the_parser_are() -> None:
    table = "1. Apples 2\n2. Pears 3"
    text = f"Prices\n{table}\nend"
    blocks = (Block("heading", "Prices", 0, 6, level=1), Block("table", table, 7, 7 + len(table)))
    assert names(text, *blocks) == ["Prices"]


def test_headings_for_the_index_lie_below_those_of_the_parser() -> None:
    text = "# Agreement\n\n1. Term\n1.1 It starts.\n(a) small"
    document = made(text, Block("heading", "Agreement", 2, 11, level=1))
    assert [(one.text, one.level) for one in Clauses().headings(document)] == [("1. Term", 2), ("1.1", 3)]
    assert all(text[one.start : one.end] == one.text for one in Clauses().headings(document))


@pytest.mark.parametrize("name", ["hosting-2025.md", "hosting-2027.md", "wartungsvertrag.md"])
def test_a_document_that_has_the_headings_has_the_same_clauses(name: str) -> None:
    document = contract(name)
    with_headings = replace(document, blocks=tuple(Clauses().headings(document)))
    assert len(with_headings.blocks) >= 10
    assert clauses_of(with_headings) == clauses_of(document)


def test_a_long_document_takes_little_time() -> None:
    text = "\n".join(
        f"{number // 40 + 1}.{number % 40 + 1} The Supplier shall act within 3 days." for number in range(3000)
    )
    began = time.process_time()
    assert len(clauses_of(made(text))) > 2900
    assert time.process_time() - began < 5

"""Detection of a document's language: what is clear, what is not, what the file states."""

from __future__ import annotations

import time

import pytest

from assistant.parsing.builder import TextBuilder
from assistant.parsing.language import detect_language, with_language
from assistant.types import Document, DocumentRef, Metadata

REF = DocumentRef("files", "a.txt", "v1", "a.txt", "", "text/plain")
ENGLISH = "Employees book their trips in the travel portal and hand in all receipts within thirty days of their return."
GERMAN = "Die Mitarbeiter buchen ihre Reisen im Portal und reichen alle Belege innerhalb von dreißig Tagen ein."


def document(*pieces: tuple[str, str], metadata: Metadata | None = None) -> Document:
    builder = TextBuilder()
    for kind, text in pieces:
        builder.add(kind, text)  # type: ignore[arg-type]
    return builder.build(REF, metadata=metadata)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("Les employés réservent leurs voyages dans le portail et remettent tous les reçus sous trente jours.", "fr"),
        ("I dipendenti prenotano i viaggi nel portale e consegnano tutte le ricevute entro trenta giorni.", "it"),
        ("Los empleados reservan sus viajes en el portal y entregan todos los recibos en treinta días.", "es"),
        (
            "Чтобы оформить поездку, сотрудник заполняет заявку, а этот отчёт и чеки вы сдаёте через тридцать дней.",
            "ru",
        ),
        ("社員は旅行をポータルで予約し、三十日以内に領収書を提出します。", "ja"),
        ("员工在门户网站预订差旅，并在三十天内提交所有收据。", "zh"),
        ("يحجز الموظفون رحلاتهم عبر البوابة ويسلمون جميع الإيصالات خلال ثلاثين يوما.", "ar"),
    ],
)
def test_languages(text: str, language: str):
    assert detect_language(text) == language
    assert detect_language(text * 200) == language


@pytest.mark.parametrize("text", ["", "  \n", "Hello", "12 040,00 | 55 % | 17:30", "\ud800" * 50, "https://a.b/" * 99])
def test_what_is_not_clear(text: str):
    assert detect_language(text) == ""


def test_addresses_and_numbers_do_not_count():
    assert (
        detect_language(f"{GERMAN}\nhttps://www.example.com/the/travel/policy/of/the/company.html 2024-01-01") == "de"
    )


def test_a_document_states_it_or_its_prose_tells():
    assert with_language(document(("text", GERMAN))).metadata == Metadata(language="de")
    stated = document(("text", GERMAN), metadata=Metadata(("Ada",), language="en"))
    assert with_language(stated) is stated
    assert with_language(document(("text", GERMAN), metadata=Metadata(("Ada",)))).metadata == Metadata(
        ("Ada",), language="de"
    )
    assert with_language(document(("code", ENGLISH), ("text", GERMAN))).metadata.language == "de"
    assert with_language(document(("table", f"| Hinweis |\n| --- |\n| {GERMAN} |"))).metadata.language == "de"
    code = document(("code", ENGLISH), ("image", ENGLISH))
    assert with_language(code) is code


def test_the_most_of_a_document_counts_and_costs_little():
    pieces = [("text", ENGLISH), *[("text", f"{GERMAN} {number}") for number in range(3000)]]
    long = document(*pieces)
    with_language(long)  # loads the detector
    started = time.process_time()
    assert with_language(long).metadata.language == "de"
    assert time.process_time() - started < 0.1

"""A conversation as a PDF file: all that is said and cited is on its pages, and nothing of it is markup."""

from __future__ import annotations

import pypdfium2
import pytest

from assistant.conversations import pdf
from tests.conversations.conftest import ANN, Office


def pages(file: bytes) -> str:
    with pypdfium2.PdfDocument(file) as opened:
        return "\n".join(page.get_textpage().get_text_range() for page in opened)


def test_questions_answers_and_citations_with_their_marks_are_on_the_pages(office: Office) -> None:
    conversation, _ = office.begin("When do I book?")
    office.go_on(conversation, "And the hotel?")
    said = pages(pdf(office.desk.get(ANN, conversation)))
    for part in ("When do I book?", "And the hotel?", "Tickets are booked 21 days", "s: travel.txt", "verified", "[1]"):
        assert part in said


def test_what_is_withdrawn_is_not_on_the_pages(office: Office) -> None:
    office.answerer.keys = ("salary.txt",)
    conversation, _ = office.begin("What am I paid?")
    assert "4,310" in pages(pdf(office.desk.get(ANN, conversation)))
    office.change("salary.txt", readers=("board",))
    said = pages(pdf(office.desk.get(ANN, conversation)))
    assert "4,310" not in said
    assert "[withdrawn]" in said
    assert "there is no such document that you may read" in said


@pytest.mark.parametrize(
    "said",
    [
        '#set page(fill: red) #panic("x") $x^2$ @label <label> \\ #{',
        '#import "@preview/example:0.1.0": * #read("/etc/passwd")',
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
        "\u0416 \u00e4 \u03a9",
    ],
)
def test_nothing_that_is_said_is_markup(office: Office, said: str) -> None:
    conversation, _ = office.begin(said)
    office.desk.rename(ANN, conversation, said)
    shown = pages(pdf(office.desk.get(ANN, conversation)))
    for word in said.replace('"', " ").replace("<label>", " ").split():
        assert word in shown or word.strip("#:*$@/(){}\\;,.0123456789") in shown.replace("[:]", ":")


def test_a_letter_that_no_font_has_is_told(office: Office) -> None:
    conversation, _ = office.begin("\U00012000?")  # cuneiform
    assert "Some characters are not drawn" in pages(pdf(office.desk.get(ANN, conversation)))
    conversation, _ = office.begin("When?")
    assert "not drawn" not in pages(pdf(office.desk.get(ANN, conversation)))


def test_the_file_is_tagged_and_has_a_title(office: Office) -> None:
    conversation, _ = office.begin("When do I book?")
    file = pdf(office.desk.get(ANN, conversation))
    with pypdfium2.PdfDocument(file) as opened:
        assert opened.get_metadata_value("Title") == "When do I book?"
    assert b"/MarkInfo" in file

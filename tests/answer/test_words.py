"""Words, codes and kinds of questions."""

import pytest

from assistant.answer.words import codes, read_question, stems


def test_stems_leave_out_function_words_and_meet_across_forms():
    assert stems("How do I book the tickets?") == ["book", "ticket"]
    assert set(stems("reimbursed Policies")) == set(stems("the reimbursement policy"))
    assert stems("Résumé") == stems("resume")


def test_scripts_without_blanks_go_by_pairs():
    assert set(stems("办公室")) == {"办公", "公室"}


def test_codes_are_numbers_dates_and_names_with_digits():
    assert codes("Form SF-1164 of 2024-05-01 costs 1,000.50 in 3 parts, v2.1.") == {
        "sf-1164",
        "2024-05-01",
        "1000.50",
        "3",
        "v2.1",
    }


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("How many days before the trip?", "number"),
        ("When does leave expire?", "date"),
        ("Who approves overtime?", "person"),
        ("Why is the sky blue?", ""),
    ],
)
def test_what_is_asked_for(text, wants):
    assert read_question(text).wants == wants


def test_carried_words_count_less_and_give_no_codes():
    question = read_question("And how many days?", ("book", "train", "K7"))
    assert question.weights == {"day": 1.0, "book": 0.5, "train": 0.5, "k7": 0.5}
    assert question.codes == frozenset()

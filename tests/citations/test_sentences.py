"""Prose is cut where a sentence ends, and nowhere else."""

import pytest

from assistant.citations.sentences import sentences


@pytest.mark.parametrize(
    "parts",
    [
        ["It is so.", "It was so!", "Was it?"],
        ["See e.g. Mr. Grey at 9 a.m. in the U.S. office.", "He waits."],
        ["It ends January 31.", "Note that years differ."],
        ["Es gilt ab dem 3. März 2024.", "Danach nicht."],
        ["“It is so.”", "(It was so.)", "Then it stopped."],
        ["It costs 3.50 dollars.", "That is v1.2.3 of it."],
        ["It goes on... and on.", "Then it stops."],
        ["公司有规定。", "员工可以休假！", "对吗？"],
        ["यह नियम है।", "दूसरा भी है।"],
    ],
)
def test_sentences_are_cut_at_their_ends(parts):
    blank = "" if parts[0][0] == "公" else " "
    text = blank.join(parts)
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_only_the_stretch_is_cut():
    text = "One. Two. Three."
    assert [text[start:end] for start, end in sentences(text, 5, 9)] == ["Two."]

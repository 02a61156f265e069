"""Choosing sentences by their scores."""

import numpy as np
import pytest

from assistant.answer.evidence import Candidate
from assistant.answer.extractive import MAX_SENTENCES, choose
from assistant.answer.scoring import MAX_EMBEDDED, Features, measure, probability
from assistant.answer.sentences import Sentence
from assistant.answer.words import codes, read_question, stems
from tests.answer.memory import make_document
from tests.fakes.embedder import FakeEmbedder

QUESTION = read_question("How many days before the trip are train tickets booked?")


class CountingEmbedder(FakeEmbedder):
    embedded = 0

    def embed_passages(self, texts):
        self.embedded += len(texts)
        return super().embed_passages(texts)


def candidate(text, *, rank=0, code=False, key="a.md"):
    words = frozenset(stems(text))
    sentence = Sentence(0, len(text), text, text, code=code)
    return Candidate(make_document(key, text), sentence, rank, words, frozenset(), words, codes(text, spelled=True))


def values(similarity, share=0.5):
    return Features(similarity, share, share, share, named=1, typed=0.5, first=0.5)


def test_more_evidence_is_a_higher_score():
    assert 0 < probability(values(0.1)) < probability(values(0.5)) < probability(values(0.9)) < 1
    assert probability(values(0.5, share=0.2)) < probability(values(0.5, share=0.8))


def test_the_answer_comes_before_its_neighbours():
    found = [candidate("Train stations have shops."), candidate("Train tickets are booked 21 days before the trip.")]
    chosen = choose(QUESTION, found, FakeEmbedder(dimension=512))
    assert chosen[0].candidate is found[1]
    assert len(chosen) == 1


def test_no_more_than_a_few_sentences_and_none_twice():
    text = "Train tickets are booked 21 days before the trip by {}."
    found = [candidate(text.format(name), key=f"{name}.md") for name in ("ann", "bob", "eve", "tom")]
    embedder = FakeEmbedder(dimension=512)
    assert len(choose(QUESTION, found, embedder)) == 1  # they all say the same
    assert choose(QUESTION, found, embedder, threshold=0.999) == []
    assert choose(QUESTION, [], embedder) == []
    assert MAX_SENTENCES == 3


def test_few_sentences_are_embedded_whatever_is_found():
    embedder = CountingEmbedder()
    found = [candidate(f"Sentence {i} on trains.", rank=i, key=f"{i}.md") for i in range(500)]
    measured = measure(QUESTION, found, embedder)
    assert len(measured) == MAX_EMBEDDED
    assert embedder.embedded <= MAX_EMBEDDED + 1  # and the question


def test_a_number_of_the_question_must_be_held():
    question = read_question("What is form SF-1164 for?")
    found = [candidate("Form SF-1164 is for taxis."), candidate("Form SF-1165 is for taxis.")]
    assert [c for c, _, _ in measure(question, found, FakeEmbedder())] == [found[0]]
    two = [candidate("Stay for two weeks."), candidate("Stay for three weeks.")]
    assert [c for c, _, _ in measure(read_question("Can I stay 2 weeks?"), two, FakeEmbedder())] == [two[0]]


def test_code_is_quoted_only_when_asked_for():
    found = [candidate("tock book --train", code=True)]
    assert measure(read_question("How do I book a train?"), found, FakeEmbedder()) == []
    assert len(measure(read_question("What is the command to book a train?"), found, FakeEmbedder())) == 1


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        ("How long is parental leave?", "Parental leave is 12 weeks.", "Parental leave is for parents."),
        ("How many badges are there?", "There are 40 badges.", "There are some badges."),
        ("When is payday?", "Payday is Friday.", "Payday is announced."),
        ("Who approves leave?", "Leave is approved by Maria.", "Leave is approved quickly."),
    ],
)
def test_the_kind_of_thing_that_is_asked_for_counts(question, better, worse):
    measured = measure(read_question(question), [candidate(better), candidate(worse, key="b.md")], FakeEmbedder())
    typed = {c.sentence.text: f.typed for c, f, _ in measured}
    assert typed[better] == 1.0
    assert typed[worse] == 0.0
    assert all(np.isfinite(f.vector()).all() for _, f, _ in measured)


def test_a_length_that_is_no_time_counts_half():
    (found,) = measure(read_question("How long is the code?"), [candidate("Codes have 16 signs.")], FakeEmbedder())
    assert found[1].typed == 0.5

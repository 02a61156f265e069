"""What a plan holds, what it leaves out, and that no budget is ever exceeded."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.context import CatalogLengths, plan
from assistant.errors import ConfigurationError
from assistant.types import EVERYTHING, LOCAL_OPERATOR, Filters, Passage, User, in_sources
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder

EMBEDDER = FakeEmbedder()
STAFF = User("ann", frozenset({"everyone"}))


def words(number, start=0):
    return " ".join(f"w{start + i}" for i in range(number))


A = make_document("a.md", f"{words(10)}\n\n{words(10, 50)}")
B = make_document("b.md", words(40, 100))
C = make_document("c.md", words(5, 200), readers=("hr",))
ALL = (A, B, C)


def passage(document, start, end, score=1.0):
    return Passage(document.ref, start, end, document.text[start:end], score=score)


def first_half(document):
    return passage(document, 0, document.text.index("\n"))


def second_half(document):
    return passage(document, document.text.index("\n") + 2, len(document.text))


def make(
    mode,
    passages,
    budget=None,
    *,
    user=STAFF,
    question="What is w3?",
    ceiling=1000,
    auto_most=0,
    library=None,
    filters=EVERYTHING,
    deeper=None,
):
    return plan(
        question,
        user,
        passages=passages,
        library=library or MemoryLibrary(ALL, EMBEDDER),
        lengths=CatalogLengths(EMBEDDER.count_tokens),
        mode=mode,
        budget=budget,
        ceiling=ceiling,
        auto_most=auto_most,
        filters=filters,
        deeper=deeper,
    )


def thirds(document):
    """Return the passages of ten words each, the last one first."""
    starts = range(0, len(document.text), 50)
    return [passage(document, start, min(start + 49, len(document.text))) for start in reversed(starts)]


def keys(planned):
    return [p.ref.key for p in planned]


def test_chunks_joins_neighbours_and_counts_what_it_holds():
    found = make("chunks", [second_half(A), passage(B, 0, 9), first_half(A)])
    assert found.mode == "chunks"
    assert [(p.passage.start, p.passage.end, p.tokens) for p in found.passages] == [(0, len(A.text), 20), (0, 9, 2)]
    assert found.passages[0].passage.text == A.text
    assert (found.tokens, found.budget, found.documents, found.left_out) == (22, 1000, (), ())
    assert found.reason == "2 passages from 2 documents as asked for; 22 of 1,000 tokens"


def test_overlapping_and_repeated_passages_are_there_once():
    found = make("chunks", [passage(B, 0, 30), passage(B, 20, 50), passage(B, 0, 30)])
    (only,) = found.passages
    assert only.passage.text == B.text[0:50]
    assert found.tokens == only.tokens == EMBEDDER.count_tokens([B.text[0:50]])[0]


def test_joined_passages_keep_what_a_parser_wrote_in_each():
    one = replace(passage(B, 0, 30), notices=((2, 4), (26, 30)))
    two = replace(passage(B, 20, 50), notices=((26, 33), (40, 41)))
    (only,) = make("chunks", [two, one]).passages
    assert [at for at in range(50) if only.passage.own_text[at] != B.text[at]] == [
        at for at in (2, 3, *range(26, 33), 40) if B.text[at] != " "
    ]


def test_passages_with_a_third_between_them_become_one():
    found = make("chunks", [passage(B, 0, 10), passage(B, 30, 40), passage(B, 8, 31)])
    (only,) = found.passages
    assert (only.passage.start, only.passage.end, only.passage.text) == (0, 40, B.text[:40])


def test_a_passage_that_does_not_fit_is_told_and_its_document_left_out():
    found = make("chunks", [first_half(A), passage(B, 0, len(B.text))], budget=12)
    assert found.tokens == 10
    assert keys(found.left_out) == ["b.md"]
    assert found.left_out[0].tokens == 40
    assert "1 passage did not fit" in found.reason
    assert "1 document left out" in found.reason


def test_documents_takes_the_best_whole_and_the_others_as_passages():
    found = make("documents", [first_half(A), passage(B, 0, 9)], budget=25)
    assert keys(found.documents) == ["a.md"]
    assert [p.passage.ref.key for p in found.passages] == ["b.md"]
    assert (found.tokens, found.left_out) == (22, ())
    assert found.reason == "1 whole document and 1 passage from 1 document as asked for; 22 of 25 tokens"


def test_documents_leaves_room_for_the_best_passages_of_those_that_do_not_fit():
    others = [make_document(f"o{n}.md", words(30, 300 + 30 * n)) for n in range(3)]
    library = MemoryLibrary([B, *others], EMBEDDER)
    found = [*(passage(o, 0, o.text.index(" ")) for o in (B, *others)), *(passage(o, 40, 90) for o in others)]
    planned = make("documents", found, budget=43, library=library)
    assert keys(planned.documents) == ["b.md"]  # 40 of the 43 tokens: a tenth of them is kept for the others
    assert [(p.passage.ref.key, p.tokens) for p in planned.passages] == [("o0.md", 1), ("o1.md", 1), ("o2.md", 1)]
    assert planned.left_out == ()
    assert "3 passages did not fit" in planned.reason


def test_corpus_is_everything_the_user_may_read():
    found = make("corpus", [])
    assert keys(found.documents) == ["a.md", "b.md"]
    assert found.tokens == 60
    assert found.reason == "the whole of 2 documents as asked for; 60 of 1,000 tokens"
    assert keys(make("corpus", [], user=LOCAL_OPERATOR).documents) == ["a.md", "b.md", "c.md"]


def test_corpus_that_does_not_fit_starts_with_the_best_and_names_the_rest():
    found = make("corpus", [passage(B, 0, 9)], budget=45)
    assert keys(found.documents) == ["b.md"]
    assert keys(found.left_out) == ["a.md"]
    assert found.tokens == 40


def test_corpus_shows_a_hit_in_a_document_that_is_too_long():
    found = make("corpus", [passage(B, 0, 9)], budget=30)
    assert [p.passage.ref.key for p in found.passages] == ["b.md"]
    assert keys(found.documents) == ["a.md"]
    assert found.left_out == ()


def test_corpus_keeps_to_the_sources_asked_for():
    other = make_document("d.md", "one two", source="other")
    library = MemoryLibrary([*ALL, other], EMBEDDER)
    assert keys(make("corpus", [], library=library, filters=in_sources(["other"])).documents) == ["d.md"]


@pytest.mark.parametrize(
    ("question", "budget", "mode", "why"),
    [
        ("How many days before the trip?", 100, "chunks", "pinpoint"),
        ("Summarise the travel policy", 100, "documents", "over whole documents"),
        ("Compare the two plans", 15, "chunks", "over the budget"),
    ],
)
def test_auto_starts_cheap(question, budget, mode, why):
    found = make("auto", [first_half(A)], budget, question=question)
    assert found.mode == mode
    assert why in found.reason


LONG = make_document("long.md", words(60, 100))
SHORT = make_document("short.md", words(6, 800))
SUMMARY = "Summarise the travel policy"


@pytest.mark.parametrize(
    ("mode", "budget", "question", "reads"),
    [
        ("chunks", 30, "What is w3?", True),  # so much was asked for
        ("chunks", None, "What is w3?", False),
        ("documents", 30, "What is w3?", True),  # the document is too long
        ("corpus", 30, "What is w3?", True),
        ("auto", 30, SUMMARY, True),  # it would have been read whole
        ("auto", 30, "What is w3?", False),
        ("auto", 100, SUMMARY, False),  # it is read whole
    ],
)
def test_room_is_filled_with_more_of_a_long_document(mode, budget, question, reads):
    library = MemoryLibrary([LONG], EMBEDDER)
    found = make(
        mode, [passage(LONG, 0, 4)], budget, question=question, library=library, deeper=lambda *_: thirds(LONG)
    )
    assert ("where most was found" in found.reason) is reads
    if reads:  # the one that was found, and as many of the further ones, in the document's order, as one
        assert [(p.passage.start, p.passage.end, p.tokens) for p in found.passages] == [(0, 4, 1), (200, 299, 20)]
        assert found.passages[1].passage.text == LONG.text[200:299]
    else:
        assert found.tokens == (60 if budget == 100 else 1)


def test_the_best_passages_of_several_documents_come_before_much_of_one():
    others = [make_document(f"o{n}.md", words(30, 300 + 30 * n)) for n in range(6)]
    library = MemoryLibrary([LONG, *others], EMBEDDER)
    best = [passage(LONG, 0, 9), *(passage(o, 0, 9) for o in others), *(passage(o, 20, 39) for o in others)]
    found = make("chunks", best, 40, library=library, deeper=lambda *_: thirds(LONG))  # 10 are for the best ones
    assert keys(found.left_out) == ["o4.md", "o5.md"]
    assert {p.passage.ref.key: p.tokens for p in found.passages if p.passage.ref != LONG.ref} == {
        f"o{n}.md": 2 for n in range(4)
    }
    assert sum(p.tokens for p in found.passages if p.passage.ref == LONG.ref) == 2 + 30


def test_only_documents_that_are_not_whole_are_read_on_and_only_they_are_taken():
    asked = []

    def deeper(infos, tokens):
        asked.append(([info.ref.key for info in infos], tokens))
        return [*thirds(C), *thirds(LONG)]

    library = MemoryLibrary([SHORT, LONG, C], EMBEDDER)
    found = make("documents", [passage(SHORT, 0, 4), passage(LONG, 0, 4)], 30, library=library, deeper=deeper)
    assert asked == [(["long.md"], 30 - 6 - 1)]
    assert keys(found.documents) == ["short.md"]
    assert {p.passage.ref.key for p in found.passages} == {"long.md"}
    assert found.tokens == 6 + 1 + 20


@pytest.mark.parametrize(
    ("filters", "auto_most", "mode"),
    [
        (Filters(paths=("a.md",)), 80, "corpus"),  # 20 tokens, a quarter of what may be spent
        (Filters(documents=(A.ref.id,)), 80, "corpus"),
        (Filters(paths=("a.md",)), 79, "chunks"),
        (Filters(paths=("a.md",)), 0, "chunks"),
        (EVERYTHING, 1000, "chunks"),
    ],
)
def test_auto_reads_a_short_document_whole_that_the_question_was_narrowed_to(filters, auto_most, mode):
    found = make("auto", [first_half(A)], filters=filters, auto_most=auto_most)
    assert found.mode == mode
    assert ("narrowed to is short" in found.reason) == (mode == "corpus")


@pytest.mark.parametrize("mode", ["chunks", "documents", "corpus"])
def test_nothing_found_is_a_plan_too(mode):
    found = make(mode, [], library=MemoryLibrary([], EMBEDDER))
    assert (found.mode, found.tokens, found.left_out) == (mode, 0, ())
    assert found.reason.startswith("nothing found")


def test_a_document_closed_since_the_search_is_nowhere():
    for mode in ("chunks", "documents", "corpus"):
        found = make(mode, [passage(C, 0, 5), passage(B, 0, 9)])
        shown = keys(found.documents) + keys(found.left_out) + [p.passage.ref.key for p in found.passages]
        assert "c.md" not in shown


def test_the_ceiling_holds_against_a_larger_budget():
    assert make("corpus", [], budget=10**9, ceiling=40).budget == 40


@pytest.mark.parametrize(("budget", "ceiling"), [(0, 10), (-5, 10), (None, 0)])
def test_a_budget_below_one_token_is_refused(budget, ceiling):
    with pytest.raises(ConfigurationError, match="too small"):
        make("chunks", [], budget=budget, ceiling=ceiling)


SPANS = st.tuples(st.sampled_from(ALL), st.integers(0, 60), st.integers(1, 60))


@given(
    st.sampled_from(["auto", "chunks", "documents", "corpus"]),
    st.integers(1, 90),
    st.lists(SPANS, max_size=6),
    st.lists(SPANS, max_size=12),
)
def test_no_budget_is_exceeded_and_nothing_dropped_in_silence(mode, budget, spans, further):
    passages, more = (
        [passage(d, s, min(s + n, len(d.text))) for d, s, n in each if s < len(d.text)] for each in (spans, further)
    )
    found = make(mode, passages, budget, user=LOCAL_OPERATOR, deeper=lambda *_: more)
    assert found.tokens == sum(p.tokens for p in (*found.passages, *found.documents)) <= found.budget == budget
    whole = {d.ref.key for d in found.documents}
    partial = {p.passage.ref.key for p in found.passages}
    missing = {d.ref.key for d in found.left_out}
    asked = {p.ref.key for p in passages} if found.mode != "corpus" else {d.ref.key for d in ALL}
    assert not whole & partial
    assert not missing & (whole | partial)
    assert whole | partial | missing == asked
    for planned in found.passages:
        text = {d.ref.key: d.text for d in ALL}[planned.passage.ref.key]
        assert text[planned.passage.start : planned.passage.end] == planned.passage.text
    for one in found.passages:
        for other in found.passages:
            if one is not other and one.passage.ref == other.passage.ref:
                assert one.passage.end < other.passage.start or other.passage.end < one.passage.start

"""Passages that stand among others that were found come before single ones."""

import random

from assistant.retrieval import LONG_READING
from assistant.retrieval.gathering import gather
from assistant.types import Filters
from tests.retrieval.candidates import candidate
from tests.retrieval.shelf import EVE, Shelf


def starts(candidates):
    return [(one.passage.ref.key, one.passage.start) for one in candidates]


def test_a_passage_among_others_comes_before_one_that_stands_alone():
    alone = candidate("talk", score=0.62, start=50_000)
    among = [candidate("talk", score=score, start=start) for score, start in ((0.6, 1000), (0.58, 2000), (0.55, 3000))]
    poor = [candidate("talk", score=0.1, start=start) for start in (20_000, 80_000)]
    assert starts(gather([alone, *among, *poor], 2700))[:4] == [
        ("talk", 2000),
        ("talk", 1000),
        ("talk", 3000),
        ("talk", 50_000),
    ]


def test_passages_of_other_documents_are_no_neighbours():
    best = candidate("a", score=0.6, start=1000)
    others = [candidate(key, score=0.5, start=1000) for key in "bcd"]
    assert starts(gather([best, *others], 2700)) == [("a", 1000), ("b", 1000), ("c", 1000), ("d", 1000)]


def test_nothing_is_lost_and_equals_stay_in_their_order():
    chance = random.Random(5)
    many = [candidate(chance.choice("ab"), score=0.5, start=100_000 * n) for n in range(40)]
    assert starts(gather(many, 2700)) == starts(many)
    assert sorted(starts(gather(many, 10_000_000))) == sorted(starts(many))


def test_how_scores_are_measured_does_not_matter():
    few = [candidate("a", score=s, start=p) for s, p in ((0.9, 0), (0.7, 90_000), (0.6, 91_000), (0.2, 200_000))]
    other = [
        candidate("a", score=100 * s - 3, start=p) for s, p in ((0.9, 0), (0.7, 90_000), (0.6, 91_000), (0.2, 200_000))
    ]
    assert starts(gather(few, 2700)) == starts(gather(other, 2700))


def test_a_search_says_what_was_gathered():
    shelf = Shelf()
    texts = [f"remark {n}" for n in range(30)]
    texts[3] = "budget budget"
    texts[20], texts[21], texts[22] = "budget plan", "budget talk", "budget end"
    shelf.put("talk", *texts)
    found = shelf.retriever().explained("budget", EVE, 30, shown=LONG_READING)
    assert "gather" in [stage.name for stage in found.trace.stages]
    assert {p.start for p in found.passages[:4]} == {300, 2000, 2100, 2200}
    assert sorted(p.start for p in found.passages) == [100 * n for n in range(30)]


def test_reading_on_gathers_all_of_the_documents_and_of_no_other():
    shelf = Shelf()
    shelf.put("talk", "remark", "budget plan", "budget talk", "end")
    shelf.put("other", "budget of another talk")
    shelf.put("third", "nothing about money")
    retriever = shelf.retriever()
    infos = {info.ref.key: info for info in shelf.infos.values()}
    found = retriever.read_on("budget", EVE, [infos["talk"]], 1000)
    assert {p.ref.key for p in found} == {"talk"}
    assert len(found) == infos["talk"].chunks == 4
    assert {p.start for p in found[:2]} == {100, 200}
    assert retriever.read_on("budget", EVE, [], 1000) == []
    stages = [stage.name for stage in retriever.explained("budget", EVE, 9, shown=LONG_READING).trace.stages]
    assert "merge duplicates" not in stages  # that was done by the search that found the documents
    assert retriever.read_on("budget", EVE, [infos["talk"]], 1000, Filters(sources=())) == []

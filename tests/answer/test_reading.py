"""What a model reads: over generated scopes and limits, never more than it takes and nothing left out that fits."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from assistant.answer import Limits
from assistant.answer.reading import Planner
from assistant.answer.wanted import Reading, Wanted
from assistant.context.lengths import Count
from assistant.errors import PromptTooLongError
from assistant.herd import Herd, Member
from assistant.prompts import reading_order
from assistant.types import Attachment, Message, ModelProfile, Passage, Question, User
from tests.answer.memory import MemoryLibrary, WholeRetriever, make_document
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.gallery import FakeGallery

KEY = b"k" * 32
STAFF = User("ann", frozenset({"everyone", "hr"}))
QUESTIONS = ("What is w3?", "Summarise all documents", "Compare w1 and w2", "When?")
MODES = ("auto", "chunks", "documents", "corpus")


class Kept:
    """Keeps counts as the catalog does, and how often documents were counted."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Count] = {}
        self.counted = 0

    def get(self, tokenizer, document_ids):
        return {i: self.counts[tokenizer, i] for i in document_ids if (tokenizer, i) in self.counts}

    def keep(self, tokenizer, counts):
        for key, (digest, tokens) in counts.items():
            self.counted += 1
            self.counts[tokenizer, key] = type("One", (), {"digest": digest, "tokens": tokens})()


_MARKS = 20  # tokens kept free for the marks around places that a search found


class Scope:
    """Generated documents, passages of them, and a planner with generated limits."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        embedder = FakeEmbedder()
        documents = [self._document(dice, number) for number in range(dice.choice((0, 1, 3, 8, 40)))]
        self.library = MemoryLibrary(documents, embedder)
        self.kept = Kept()
        self.model = FakeChatModel(context_tokens=dice.choice((1000, 1300, 2000, 4000, 12_000, 60_000)))
        self.limits = Limits(
            ceiling=dice.choice((10_000_000, 3000)),
            auto_most=dice.choice((500, 200_000)),
            answer_tokens=dice.choice((16, 300)),
            history_tokens=dice.choice((0, 200)),
        )
        herd = Herd([Member(ModelProfile("fake", frozenset({"answer"})), self.model)])
        self.retriever = WholeRetriever(self.library, dice.choice((20, 300, 4000)))
        self.planner = Planner(herd, self.library, self.kept, KEY, self.limits, self.retriever)
        hits = [passage for document in documents for passage in self._passages(dice, document)]
        dice.shuffle(hits)
        question = Question(
            dice.choice(QUESTIONS),
            dice.choice(MODES),
            dice.choice((None, None, 50, 700, 5000)),
            history=[Message("user", "w " * dice.choice((1, 50, 500)))] * dice.choice((0, 1, 3)),
        )
        self.wanted = Wanted(question, STAFF, hits[:12])

    @staticmethod
    def _document(dice: random.Random, number: int):
        words = " ".join(f"w{dice.randrange(900)}" for _ in range(dice.choice((3, 12, 80, 400, 2500))))
        readers = dice.choice((("everyone",), ("hr",), ("secret",)))
        return make_document(f"d{number}.md", words, readers=readers)

    @staticmethod
    def _passages(dice: random.Random, document) -> list[Passage]:
        if "group:secret" in document.ref.access.allow:
            return []
        starts = dice.sample(range(0, len(document.text), 40), min(2, len(document.text) // 40 + 1))
        ends = [min(len(document.text), start + dice.choice((30, 200, 900))) for start in starts]
        return [Passage(document.ref, s, e, document.text[s:e]) for s, e in zip(starts, ends, strict=True)]


def check(scope: Scope) -> Reading | None:
    """Plan, and hold what comes of it against the limits."""
    try:
        reading = scope.planner.read(scope.wanted)
    except PromptTooLongError:
        assert scope.model.describe().context_tokens < 1500  # the instructions alone have about 500
        return None
    plan, limits = reading.plan, scope.limits
    tokens = scope.model.count_tokens(reading.prompt.messages)
    takes = scope.model.describe().context_tokens - reading.answer_tokens
    assert tokens <= takes
    assert plan.tokens <= plan.budget <= min(limits.ceiling, scope.wanted.question.budget or limits.ceiling)
    assert plan.tokens == sum(d.tokens for d in plan.documents) + sum(p.tokens for p in plan.passages)
    of_others = min(limits.ceiling, scope.wanted.question.budget or limits.ceiling)
    of_auto = limits.auto_most if scope.wanted.question.mode == "auto" else limits.ceiling
    free = min(takes - tokens, min(of_others, of_auto) - plan.tokens)
    if plan.mode != "chunks":  # there, what is left out are passages
        assert all(document.tokens > 0.98 * free - _MARKS for document in plan.left_out)
    told = re.findall(
        r"^\[\d+\] (<document (\w+)>.*?\n</document \2>\n\n)", reading.prompt.messages[-1].text, re.S | re.M
    )
    counted = [count + 4 for count in scope.model.count_texts([block for block, _ in told])]  # their numbers
    assert counted == [d.tokens for d in _as_told(plan)] + [p.tokens for p in plan.passages]
    placed = {d.ref.id for d in plan.documents} | {p.passage.ref.id for p in plan.passages}
    lost = {d.ref.id for d in plan.left_out}
    wanted = {p.ref.id for p in scope.wanted.hits}
    if plan.mode == "corpus":
        wanted = {info.ref.id for info in scope.library.documents(STAFF)}
    assert placed | lost == wanted
    assert not placed & lost
    stretches = sorted((p.passage.ref.id, p.passage.start, p.passage.end) for p in plan.passages)
    assert all(one[0] != other[0] or one[2] < other[1] for one, other in pairwise(stretches))
    for each in plan.passages:
        text = scope.library.held[each.passage.ref.source, each.passage.ref.key].text
        assert text[each.passage.start : each.passage.end] == each.passage.text
    if "where most was found" in plan.reason:  # one of their passages, which did not fit, has at most so many tokens
        read = sum(p.passage.end - p.passage.start for p in plan.passages)
        there = {p.passage.ref for p in plan.passages}
        whole = read == sum(len(scope.library.held[ref.source, ref.key].text) for ref in there)
        assert whole or min(takes - tokens, plan.budget - plan.tokens) < 1000
    return reading


def _as_told(plan):
    by_id = {document.ref.id: document for document in plan.documents}
    return [by_id[ref.id] for ref in reading_order(document.ref for document in plan.documents)]


@pytest.mark.parametrize("seed", range(120))
def test_no_prompt_is_too_long_and_nothing_that_fits_is_left_out(seed: int) -> None:
    check(Scope(seed))


@pytest.mark.soak
def test_no_prompt_of_a_thousand_scopes_is_too_long() -> None:
    read = [check(Scope(seed)) for seed in range(1000)]
    assert sum(reading is not None for reading in read) > 800
    assert sum("where most was found" in reading.plan.reason for reading in read if reading) > 50


def test_a_document_is_counted_once_for_a_tokenizer_as_it_stands_in_the_prompt() -> None:
    scope = next(s for s in map(Scope, range(1000)) if s.wanted.question.mode == "corpus" and len(s.library.held) == 8)
    reading = scope.planner.read(scope.wanted)
    counted = scope.kept.counted
    assert counted > 0
    again = scope.planner.read(scope.wanted)
    assert scope.kept.counted == counted
    assert again.prompt == reading.prompt


def with_pictures(seed: int) -> Scope:
    """Return a scope whose passages show pictures, with something attached."""
    scope, dice = Scope(seed), random.Random(seed)
    gallery = FakeGallery(scope.library)
    scope.planner = Planner(scope.planner.herd, scope.library, scope.kept, KEY, scope.limits, scope.retriever, gallery)
    hits = [replace(hit, pictures=tuple(range(1, dice.choice((1, 2, 4))))) for hit in scope.wanted.hits]
    shots = [Attachment(f"{n}.png", bytes([n]), "image/png") for n in range(dice.choice((0, 1, 6)))]
    asked = replace(scope.wanted.question, attachments=shots)
    scope.wanted = replace(scope.wanted, question=asked, hits=hits)
    return scope


@pytest.mark.parametrize("seed", range(80))
def test_with_pictures_no_prompt_is_too_long_either(seed: int) -> None:
    scope = with_pictures(seed)
    try:
        reading = scope.planner.read(scope.wanted)
    except PromptTooLongError:
        assert scope.model.describe().context_tokens < 1500
        return
    plan, prompt = reading.plan, reading.prompt
    tokens = scope.model.count_tokens(prompt.messages)
    assert tokens <= scope.model.describe().context_tokens - reading.answer_tokens
    assert plan.tokens <= plan.budget <= min(scope.limits.ceiling, scope.wanted.question.budget or scope.limits.ceiling)
    of_documents = [picture for picture in plan.pictures if picture.kind != "attachment"]
    pictures = sum(picture.tokens for picture in of_documents)
    parts = sum(d.tokens for d in plan.documents) + sum(p.tokens for p in plan.passages)
    assert plan.tokens == parts + pictures
    images = prompt.messages[-1].images
    assert len(images) == len(plan.pictures) <= scope.model.describe().images_per_prompt
    attached = [picture for picture in plan.pictures if picture.kind == "attachment"]
    assert len(of_documents) <= scope.limits.pictures
    assert len(attached) == min(len(scope.wanted.question.attachments), 4)
    assert sum(source in plan.pictures for source in prompt.sources.values()) == len(plan.pictures)

"""From a question to a cited answer, on documents in memory."""

from dataclasses import replace

import pytest

from assistant.answer import MODEL, NOT_FOUND, Answerer
from assistant.errors import ConfigurationError
from assistant.types import (
    LOCAL_OPERATOR,
    AnswerDone,
    Block,
    CitationsReady,
    Message,
    Page,
    PlanReady,
    Question,
    TextDelta,
    User,
    in_sources,
)
from tests.answer.memory import HybridRetriever, MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder

TRAVEL = "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n"
VPN = "The VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days.\n\f\nBadges are made at the front desk.\n"
STAFF = User("ann", frozenset({"everyone"}))
HR = User("bob", frozenset({"everyone", "hr"}))


@pytest.fixture
def documents():
    return [
        make_document("travel.md", TRAVEL, title="Travel"),
        make_document("hr/salary.md", "# Salaries\n\nGrade K7 is paid 4,310 euros a month.\n", readers=("hr",)),
        make_document("it/vpn.txt", VPN, pages=[Page(1, 0, 72), Page(2, 72, len(VPN))]),
    ]


@pytest.fixture
def embedder():
    return FakeEmbedder(dimension=512)


@pytest.fixture
def library(documents, embedder):
    return MemoryLibrary(documents, embedder)


@pytest.fixture
def answerer(documents, embedder, library):
    return Answerer(HybridRetriever(documents, embedder), library, embedder)


def test_events_come_in_order_and_add_up(answerer):
    events = list(answerer.stream(Question("How many days before the trip must train tickets be booked?"), STAFF))
    assert isinstance(events[0], PlanReady)
    assert isinstance(events[-2], CitationsReady)
    assert isinstance(events[-1], AnswerDone)
    answer = events[-1].answer
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == answer.text
    assert answer.citations == events[-2].citations
    assert answer.plan == events[0].plan
    assert set(answer.timings) == {"rewrite", "search", "plan", "answer"}
    assert answer.usage.prompt_tokens == answer.plan.tokens
    assert answer.usage.completion_tokens > 0


def test_an_answer_is_a_quote_with_its_place(answerer):
    answer = answerer.ask(Question("How many days before the trip must train tickets be booked?"), STAFF)
    assert answer.found
    assert answer.model == MODEL
    assert answer.text.startswith("Train tickets are booked in Concur at least 21 days before the trip. [1]")
    (citation,) = answer.citations
    assert citation.verified
    assert TRAVEL[citation.passage.start : citation.passage.end] == citation.quote
    assert citation.passage.ref.key == "travel.md"
    assert citation.passage.page is None


def test_a_row_is_quoted_as_it_stands_and_said_with_its_columns(embedder):
    text = "| City | Hotel limit |\n| --- | --- |\n| Rome | 90 euros |\n| Bergen | 153 euros |"
    held = [make_document("limits.csv", text, blocks=[Block("table", text, 0, len(text))])]
    answerer = Answerer(HybridRetriever(held, embedder), MemoryLibrary(held, embedder), embedder)
    answer = answerer.ask(Question("What is the hotel limit in Bergen?"), STAFF)
    assert answer.text == "City: Bergen; Hotel limit: 153 euros. [1]"
    (citation,) = answer.citations
    assert citation.verified
    assert citation.quote == "Bergen | 153 euros" == text[citation.passage.start : citation.passage.end]
    assert (citation.passage.heading_path, citation.passage.table_header) == ((), "City | Hotel limit")


@pytest.mark.parametrize("mode", ["chunks", "documents", "corpus"])
def test_a_notice_is_no_answer(embedder, mode):
    notice = "[Picture: no text was found in it]"
    text = f"beach holiday\n{notice}"
    bare = make_document("beach-holiday.jpg", text, blocks=[Block("image", text, 0, len(text))])
    noticed = replace(bare, blocks=(Block("image", text[:13], 0, 13), Block("notice", notice, 14, len(text))))
    question = "What text was found in the picture beach holiday?"
    for document, found in ((bare, True), (noticed, False)):
        answerer = Answerer(HybridRetriever([document], embedder), MemoryLibrary([document], embedder), embedder)
        answer = answerer.ask(Question(question, mode=mode), STAFF)
        assert answer.found is found
        assert ("no text was found" in answer.text) is found


def test_pages_are_named_where_there_are_any(answerer):
    answer = answerer.ask(Question("Where are badges made?"), STAFF)
    assert [c.passage.page for c in answer.citations] == [2]


@pytest.mark.parametrize(
    "question",
    ["What is the melting point of tungsten?", "Who won the chess tournament in Oslo?", "Is it?", "???"],
)
def test_weak_evidence_is_no_answer(answerer, question):
    answer = answerer.ask(Question(question), STAFF)
    assert (answer.found, answer.text, answer.citations) == (False, NOT_FOUND, ())


def test_numbers_and_codes_of_the_question_must_stand_there(answerer):
    assert answerer.ask(Question("What is grade K7 paid a month?"), HR).found
    assert not answerer.ask(Question("What is grade K8 paid a month?"), HR).found


def test_what_the_user_may_not_read_gives_no_answer(answerer):
    answer = answerer.ask(Question("What is grade K7 paid a month?"), STAFF)
    assert not answer.found
    assert "4,310" not in answer.text
    for mode in ("chunks", "documents", "corpus"):
        answer = answerer.ask(Question("What is grade K7 paid a month?", mode=mode), STAFF)
        assert "salary" not in repr(answer)


def test_a_follow_up_needs_its_history(answerer):
    history = [
        Message("user", "How do I book a train ticket?"),
        Message("assistant", "Train tickets are booked in Concur."),
    ]
    events = list(answerer.stream(Question("And how many days before the trip?", history=history), STAFF))
    answer = events[-1].answer
    assert "21" in answer.text
    assert answer.question == "And how many days before the trip? book train ticket"
    assert events[0].question == answer.question
    assert answerer.ask(Question("When are train tickets booked?", history=history), STAFF).question == ""


@pytest.mark.parametrize("mode", ["chunks", "documents", "corpus"])
def test_every_mode_answers(answerer, mode):
    answer = answerer.ask(Question("When are train tickets booked?", mode=mode), STAFF)
    assert answer.plan.mode == mode
    assert answer.found
    assert answer.plan.tokens <= answer.plan.budget


def test_a_budget_that_holds_nothing_gives_no_answer(answerer):
    answer = answerer.ask(Question("When are train tickets booked?", mode="corpus", budget=1), STAFF)
    assert answer.plan.tokens == 0
    assert {d.ref.key for d in answer.plan.left_out} == {"travel.md", "it/vpn.txt"}
    assert not answer.found


def test_whole_documents_are_read_beyond_the_hits(embedder):
    text = (
        "\n\n".join(f"Paragraph {i} tells of nothing." for i in range(300))
        + "\n\nThe cellar key hangs behind the boiler."
    )
    document = make_document("house.md", text)
    library = MemoryLibrary([document], embedder)
    retriever = HybridRetriever([document], embedder)
    retriever.passages = retriever.passages[:1]  # the search misses the place
    retriever.search = lambda *_: retriever.passages
    answer = Answerer(retriever, library, embedder).ask(Question("Where is the cellar key?", mode="corpus"), STAFF)
    assert "behind the boiler" in answer.text


def test_several_documents_may_be_cited_and_nothing_is_said_twice(embedder):
    said = "Overtime is approved by the team lead."
    documents = [make_document(f"{n}.md", f"# Overtime\n\n{said}\n") for n in "ab"]
    documents.append(make_document("c.md", "Overtime by contractors is approved by the client.\n"))
    answerer = Answerer(HybridRetriever(documents, embedder), MemoryLibrary(documents, embedder), embedder)
    answer = answerer.ask(Question("Who approves overtime?"), STAFF)
    assert answer.text.count(said) == 1
    assert len({c.quote for c in answer.citations}) == len(answer.citations)
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_a_document_that_changed_since_the_search_is_quoted_as_it_is_now(answerer, library, documents):
    now = TRAVEL.replace("# Travel", "# Travel and tickets").replace("21 days", "30 days")
    library.put(replace(documents[0], text=now, ref=replace(documents[0].ref, version="2")))
    answer = answerer.ask(Question("How many days before the trip must train tickets be booked?"), STAFF)
    assert "21" not in answer.text
    assert all(c.verified and now[c.passage.start : c.passage.end] == c.quote for c in answer.citations)


def test_a_document_deleted_since_the_search_is_not_quoted(answerer, library):
    library.held.clear()
    answer = answerer.ask(Question("When are train tickets booked?"), STAFF)
    assert not answer.found


def test_sources_narrow_the_search(answerer):
    assert not answerer.ask(Question("When are train tickets booked?", filters=in_sources(["other"])), STAFF).found


def test_a_blank_question_is_refused(answerer):
    with pytest.raises(ConfigurationError, match="empty"):
        answerer.ask(Question("  \n"), STAFF)


def test_the_operator_reads_everything(answerer):
    assert answerer.ask(Question("What is grade K7 paid a month?"), LOCAL_OPERATOR).found


@pytest.mark.parametrize("greeting", ["hello", "Hi!", "thanks", "Hello, thank you"])
def test_a_greeting_is_no_question(documents, embedder, library, greeting):
    documents.append(make_document("say.md", "Please let the team know so that they can say hello and thanks!\n"))
    answer = Answerer(HybridRetriever(documents, embedder), library, embedder).ask(Question(greeting), STAFF)
    assert (answer.found, answer.text) == (False, NOT_FOUND)

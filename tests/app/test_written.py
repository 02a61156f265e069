"""Answers that a model writes, from settings to citations: with a scripted server, and with the real vLLM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import MODEL, GuardedAnswerer
from assistant.app import App, build
from assistant.errors import NotFoundError
from assistant.settings import ModelSettings, load_settings
from assistant.types import LOCAL_OPERATOR, Question, User
from tests.fakes.model_scripts import Reply, Script, when
from tests.fakes.model_server import ModelServer
from tests.fakes.vllm import ADAPTER, LIMIT, Vllm

TRAVEL = "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n"
FILLER = " ".join(f"Section {n}: pump {n * 37 % 101} opens at {n * 7 % 23} bar." for n in range(150))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text(TRAVEL)
    (folder / "pumps.txt").write_text(FILLER)
    return folder


def indexed(app: App, folder: Path) -> App:
    app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
    app.ingestor.sync("docs", "cli")
    return app


@pytest.fixture
def server() -> Iterator[ModelServer]:
    script = Script(
        when("tickets", Reply("At least 21 days before the trip [1].")), otherwise=Reply("NOT_IN_DOCUMENTS")
    )
    with ModelServer(script) as server:
        yield server


def test_a_model_writes_where_one_is_set(server: ModelServer, folder: Path, assistant_home: Path) -> None:
    with build(load_settings(model_url=server.url, answer_tokens=100, agent_steps=0)) as app:
        answerer = indexed(app, folder).answerer
        assert isinstance(answerer, GuardedAnswerer)
        assert answerer.models(LOCAL_OPERATOR) != (MODEL,)
        answer = answerer.ask(Question("How many days before the trip are train tickets booked?"), LOCAL_OPERATOR)
        (citation,) = answer.citations
        assert answer.text == "At least 21 days before the trip [1]."
        assert (citation.verified, citation.passage.ref.key) == (True, "travel.md")
        assert TRAVEL[citation.passage.start : citation.passage.end] == citation.quote
        assert server.asked[-1].body["max_tokens"] == 100
        stranger = answerer.ask(Question("How many days before the trip are train tickets booked?"), User("x"))
        assert (stranger.found, stranger.citations) == (False, ())
        assert len(server.asked) == 1
    with build(load_settings()) as app:
        assert app.answerer.models(LOCAL_OPERATOR) == (MODEL,)


def test_counts_outlive_the_process(server: ModelServer, folder: Path, assistant_home: Path) -> None:
    settings = load_settings(model_url=server.url)
    with build(settings) as app:
        indexed(app, folder).answerer.ask(Question("List all tickets", mode="corpus"), LOCAL_OPERATOR)
    counted = [r for r in server.requests if FILLER[2000:2060] in str(r.body.get("prompt"))]
    assert len(counted) == 1
    with build(settings) as app:
        answer = app.answerer.ask(Question("List all tickets", mode="corpus"), LOCAL_OPERATOR)
        assert len(answer.plan.documents) == 2
    assert len([r for r in server.requests if FILLER[2000:2060] in str(r.body.get("prompt"))]) == 1
    assert server.asked[0].body["cache_salt"] == server.asked[1].body["cache_salt"]


@pytest.mark.vllm
def test_the_real_vllm_answers_whole_documents_from_its_prefix_cache(
    vllm: Vllm, folder: Path, assistant_home: Path
) -> None:
    model = ModelSettings(url=vllm.url, extra={"ignore_eos": True})  # its random words may end an answer at once
    with build(load_settings(models={"tiny": model}, answer_tokens=24, agent_steps=0)) as app:
        answerer = indexed(app, folder).answerer
        questions = ["Which pump opens at 7 bar?", "When are tickets booked?", "What opens at 22 bar?"]
        answers = [answerer.ask(Question(question, mode="corpus"), LOCAL_OPERATOR) for question in questions]
    for answer in answers:
        assert (answer.model, answer.fallback, answer.plan.mode) == ("tiny", False, "corpus")
        assert answer.usage.completion_tokens == 24
        assert answer.usage.prompt_tokens + 24 <= LIMIT
        assert 0 <= answer.usage.prompt_tokens - answer.plan.tokens < 1500  # instructions, pointers, the question
        assert len(answer.plan.documents) == 2
    for answer in answers[1:]:
        assert answer.usage.cached_tokens is not None
        assert answer.usage.cached_tokens > 0.75 * answer.usage.prompt_tokens  # all whole blocks of documents


@pytest.mark.vllm
def test_the_real_vllm_takes_what_is_planned_to_its_last_token(vllm: Vllm, folder: Path, assistant_home: Path) -> None:
    for number in range(60):
        (folder / f"more{number}.txt").write_text(f"Report {number}. " + FILLER[number * 40 : number * 40 + 900])
    model = ModelSettings(url=vllm.url, extra={"ignore_eos": True})
    with build(load_settings(models={"tiny": model}, answer_tokens=16, agent_steps=0)) as app:
        answer = indexed(app, folder).answerer.ask(Question("Summarise all reports", mode="corpus"), LOCAL_OPERATOR)
    assert (answer.fallback, answer.model) == (False, "tiny")
    assert answer.plan.left_out
    shortest = min(document.tokens for document in answer.plan.left_out)
    assert LIMIT - 16 - shortest < answer.usage.prompt_tokens <= LIMIT - 16


@pytest.mark.vllm
def test_the_real_vllm_answers_by_an_adapter_for_those_who_may_use_it(
    vllm: Vllm, folder: Path, assistant_home: Path
) -> None:
    adapters = {"legal": {"model": ADAPTER, "groups": ["legal"]}}
    model = ModelSettings.model_validate({"url": vllm.url, "extra": {"ignore_eos": True}, "adapters": adapters})
    lawyer, other = User("ann", frozenset({"everyone", "legal"})), User("bob", frozenset({"everyone"}))
    question = "Which pump opens at 7 bar?"
    with build(load_settings(models={"tiny": model}, answer_tokens=16, agent_steps=0)) as app:
        answerer = indexed(app, folder).answerer
        adapted = answerer.ask(Question(question, model="legal"), lawyer)
        plain = answerer.ask(Question(question), lawyer)
        with pytest.raises(NotFoundError, match="'legal'"):
            answerer.ask(Question(question, model="legal"), other)
    assert (adapted.model, adapted.fallback, plain.model, plain.fallback) == ("legal", False, "tiny", False)
    assert adapted.usage.completion_tokens == plain.usage.completion_tokens == 16
    assert adapted.text != plain.text
    assert adapted.plan.tokens == plain.plan.tokens


@pytest.mark.vllm
def test_a_call_that_the_real_vllm_asks_for_is_made_and_told(vllm: Vllm, folder: Path, assistant_home: Path) -> None:
    forced = {"structured_outputs": {"choice": ["[calculator(expression='6*7')]"]}}
    model = ModelSettings(url=vllm.url, extra=forced)
    with build(load_settings(models={"tiny": model}, answer_tokens=64, agent_steps=2)) as app:
        answer = indexed(app, folder).answerer.ask(Question("What is 6 times 7?"), LOCAL_OPERATOR)
    assert (answer.model, answer.fallback, answer.state) == ("tiny", False, "complete")
    assert [(use.name, use.state, use.arguments) for use in answer.tools] == [
        ("calculator", "done", {"expression": "6*7"})
    ] * 2
    assert "42" in answer.tools[0].text
    assert answer.text == "[calculator(expression='6*7')]"  # without tools, what it is forced to say is only text
    assert any("the limit of 2 steps" in note for note in answer.notes)

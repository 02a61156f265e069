"""Pictures to the answering model, from files to citations: with a scripted server, and with the real vLLM."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.app import App, build
from assistant.interfaces import ChatStream
from assistant.settings import ModelSettings, Settings, load_settings
from assistant.types import LOCAL_OPERATOR, Attachment, ChatMessage, Question, User
from tests.fakes.album import png
from tests.fakes.model_scripts import Asked, Reply, Script
from tests.fakes.model_server import ModelServer
from tests.fakes.pdf import placed_pdf
from tests.fakes.vllm import IMAGES, LIMIT, Vllm
from tests.parsing.pdf.test_figures import BARS, GRID, TEXTS

QUESTION = "Which pump leaks most, by the leakage chart?"
CHART = [(60.0, 720.0, "The leakage chart shows which pump leaks most."), *TEXTS[1:]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A PDF with a chart on its second page, and a note with two pictures."""
    folder = tmp_path / "docs"
    folder.mkdir()
    first = [(72.0, 760.0, "Report on the pumps of the plant")]
    (folder / "report.pdf").write_bytes(placed_pdf(first, CHART, drawings=["", GRID + BARS + "0 g\n"]))
    urls = [base64.b64encode(png(color)).decode() for color in ("red", "blue")]
    shown = "\n\n".join(f"![a leaking pump](data:image/png;base64,{url})" for url in urls)
    (folder / "note.md").write_text(f"# Photographs of a leaking pump\n\n{shown}\n")
    return folder


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(Script(otherwise=Reply("NOT_IN_DOCUMENTS")), images=4) as server:
        yield server


def indexed(app: App, folder: Path) -> App:
    app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
    app.ingestor.sync("docs", "cli")
    return app


def seeing(asked: Asked) -> Reply | None:
    """Say something of the page, by the number that it has in the prompt."""
    text = asked.last
    if "this is an image of the page" not in text:
        return None
    before = text[: text.index("this is an image of the page")]
    number = before[before.rindex("\n[") if "\n[" in before else before.rindex("[") :].strip()[1:].split("]")[0]
    return Reply(f"Pump 3 leaks by far the most of them all [{number}].")


def images(server: ModelServer) -> list[Image.Image]:
    data = [base64.b64decode(url.split(b",", 1)[1]) for url in server.asked[-1].images]
    return [Image.open(BytesIO(each)) for each in data]


def answering(server: ModelServer, **more: object) -> Settings:
    return load_settings(models={"eyes": ModelSettings(url=server.url, **more)}, answer_tokens=100)  # type: ignore[arg-type]


def test_a_page_with_a_chart_is_looked_at_and_cited(server: ModelServer, folder: Path, assistant_home: Path) -> None:
    server.script = Script(seeing)
    with build(answering(server)) as app:
        answer = indexed(app, folder).answerer.ask(Question(QUESTION), LOCAL_OPERATOR)
        pictures = app.library.read("docs", "report.pdf", LOCAL_OPERATOR).pictures
    shown = [(p.kind, p.place.ref.key, p.place.page, p.place.pictures) for p in answer.plan.pictures]
    assert ("page", "report.pdf", 2, (1,)) in shown
    assert {("picture", "note.md", None, (1,)), ("picture", "note.md", None, (2,))} <= set(shown)
    (citation,) = answer.citations
    assert (citation.kind, citation.passage.ref.key, citation.passage.page) == ("page", "report.pdf", 2)
    assert citation.passage.boxes == (pictures[0].box,)
    assert (citation.quote, citation.verified, citation.supported) == ("", False, None)
    sizes = [image.size for image in images(server)]
    assert sizes.count((60, 50)) == 2  # the note's
    assert max(max(size) for size in sizes) == 1344  # the page
    planned = sum(p.tokens for p in answer.plan.pictures)
    assert f"beside them 3 pictures of {planned:,} tokens" in answer.plan.reason
    parts = sum(p.tokens for p in answer.plan.passages) + sum(d.tokens for d in answer.plan.documents)
    assert answer.plan.tokens == parts + planned


def test_who_may_not_read_a_document_is_not_shown_its_pictures(
    server: ModelServer, folder: Path, assistant_home: Path
) -> None:
    server.script = Script(otherwise=Reply("Nothing."))
    with build(answering(server)) as app:
        app.catalog.sources.add(
            "docs", "folder", {"path": str(folder)}, {"rules": [{"glob": "report.pdf", "readers": ["hr"]}]}
        )
        app.ingestor.sync("docs", "cli")
        answer = app.answerer.ask(Question(QUESTION), User("bob", frozenset({"everyone"})))
    assert {p.place.ref.key for p in answer.plan.pictures} == {"note.md"}
    assert [image.size for image in images(server)] == [(60, 50)] * 2


def test_a_limit_of_the_server_or_of_the_settings_holds(
    server: ModelServer, folder: Path, assistant_home: Path
) -> None:
    server.images = 2
    with build(answering(server)) as app:
        answer = indexed(app, folder).answerer.ask(Question(QUESTION), LOCAL_OPERATOR)
    assert len(server.asked[-1].images) == len(answer.plan.pictures) == 2
    assert "2 of 3 were shown to eyes" in " ".join(answer.notes)
    with build(answering(server, max_images=1)) as app:
        app.answerer.ask(Question(QUESTION), LOCAL_OPERATOR)
    assert len(server.asked[-1].images) == 1
    with build(load_settings(model_url=server.url, answer_pictures=0)) as app:
        app.answerer.ask(Question(QUESTION), LOCAL_OPERATOR)
    assert server.asked[-1].images == []


def test_a_model_that_does_not_see_is_given_words_and_the_answer_says_so(
    server: ModelServer, folder: Path, assistant_home: Path
) -> None:
    server.images = 0
    shot = Attachment("shot.png", png("green"), "image/png", "Error E-17")
    with build(answering(server)) as app:
        answer = indexed(app, folder).answerer.ask(Question(QUESTION, attachments=[shot]), LOCAL_OPERATOR)
    assert server.asked[-1].images == []
    assert "Error E-17" in server.asked[-1].last
    assert sum("does not see pictures" in note for note in answer.notes) == 2


def test_questions_with_pictures_go_to_the_model_for_pictures(
    server: ModelServer, folder: Path, assistant_home: Path
) -> None:
    with ModelServer(Script(otherwise=Reply("A green square [1].")), images=0) as blind:
        server.script = Script(otherwise=Reply("It is green, all of it [1]."))
        models = {
            "blind": ModelSettings(url=blind.url),
            "eyes": ModelSettings(url=server.url, roles=("vision",), cost_per_million=9),
        }
        with build(load_settings(models=models)) as app:
            answerer = indexed(app, folder).answerer
            shot = Attachment("shot.png", png("green"), "image/png")
            asked = answerer.ask(Question("What does this show?", attachments=[shot]), LOCAL_OPERATOR)
            events = list(answerer.stream(Question(QUESTION), LOCAL_OPERATOR))
            plain = answerer.ask(Question("Summarise the report on the plant", mode="documents"), LOCAL_OPERATOR)
    assert (asked.model, len(server.asked)) == ("eyes", 2)
    assert server.asked[0].images
    assert events[0].model == "eyes"  # type: ignore[union-attr]
    assert events[0].why.endswith("it is asked because it sees pictures")  # type: ignore[union-attr]
    assert plain.model == "blind"


def test_what_is_attached_is_searched_for_numbered_last_and_cited(
    server: ModelServer, folder: Path, assistant_home: Path
) -> None:
    server.script = Script(otherwise=Reply("The screenshot shows a leaking pump in green [1]."))
    shot = Attachment("shot.png", png("green"), "image/png", "photographs of a leaking pump")
    with build(answering(server)) as app:
        indexed(app, folder)
        nothing = app.answerer.ask(Question("Zzz?"), LOCAL_OPERATOR)
        answer = app.answerer.ask(Question("Zzz?", attachments=[shot]), LOCAL_OPERATOR)
    assert answer.plan.pictures[-1].kind == "attachment"
    assert "note.md" in {p.passage.ref.key for p in answer.plan.passages}
    assert answer.plan.tokens >= nothing.plan.tokens
    number = len(answer.plan.passages) + len(answer.plan.pictures)
    assert f"[{number}] <attached" in server.asked[-1].last
    assert server.asked[-1].images[-1].endswith(base64.b64encode(png("green")))


def listened(app: App, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[ChatMessage]]:
    """Return what the only model is told from now on."""
    model, told = app.herd.members[0].model, []
    stream = model.stream

    def listening(messages: Sequence[ChatMessage], **options: Any) -> ChatStream:
        told.append(messages)
        return stream(messages, **options)

    monkeypatch.setattr(model, "stream", listening)
    return told


@pytest.mark.vllm
def test_the_real_vllm_looks_at_what_is_planned_and_counts_it_alike(
    vllm: Vllm, folder: Path, assistant_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ModelSettings(url=vllm.url, extra={"ignore_eos": True})
    shot = Attachment("shot.png", png("green"), "image/png")
    with build(load_settings(models={"tiny": model}, answer_tokens=16, agent_steps=0)) as app:
        answerer = indexed(app, folder).answerer
        told = listened(app, monkeypatch)
        for attached in ([], [shot]):
            answer = answerer.ask(Question(QUESTION, attachments=attached), LOCAL_OPERATOR)
            assert (answer.model, answer.fallback) == ("tiny", False)
            assert answer.usage.completion_tokens == 16
            assert len(answer.plan.pictures) == IMAGES
            assert answer.usage.prompt_tokens + 16 <= LIMIT
            assert len(told[-1][-1].images) == IMAGES
            assert app.herd.members[0].model.count_tokens(told[-1]) == answer.usage.prompt_tokens
            counted = sum(p.tokens for p in (*answer.plan.passages, *answer.plan.pictures))
            empty = answer.usage.prompt_tokens - counted
            assert 300 < empty < 1000  # instructions and the question
    assert any("3 of 4" in note or "2 of 3" in note for note in answer.notes)

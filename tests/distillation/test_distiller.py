"""Distillation from documents to files: a scripted teacher over real HTTP, the real search, the real check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.app import App, build
from assistant.app.distilling import make_distiller
from assistant.distillation import Options, Summary
from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError, NotFoundError
from assistant.evaluation import load_cases
from assistant.prompts import INSTRUCTIONS
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Question, User
from tests.fakes.model_scripts import Reply
from tests.fakes.model_server import ModelServer
from tests.fakes.teacher import FAULTS, ScriptedTeacher

SUBJECTS = ("Pumps", "Leave", "Travel", "Visitors", "Laptops", "Badges", "Canteen", "Parking", "Phones", "Printers")
STAFF = User("ann", frozenset({"everyone"}))


def page(subject: str) -> str:
    """Return a page of eight sentences that no other page has."""
    lines = [
        f"The {subject.lower()} team keeps record {len(subject) * 31 + n * 7} of office {n} in the {subject} register."
        for n in range(8)
    ]
    return f"# {subject}\n\n" + "\n\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ten documents, one of them for the group hr only."""
    base = tmp_path_factory.mktemp("distill")
    (base / "docs").mkdir()
    for subject in SUBJECTS:
        (base / "docs" / f"{subject.lower()}.md").write_text(page(subject))
    with build(load_settings(home=base / "home")) as app:
        readers = {"default": ["everyone"], "rules": [{"glob": "leave.md", "readers": ["hr"]}]}
        app.catalog.sources.add("docs", "folder", {"path": str(base / "docs")}, readers)
        app.catalog.sources.add("other", "folder", {"path": str(base / "docs")}, {})
        app.ingestor.sync("docs", "cli")
    return base / "home"


@contextmanager
def taught(home: Path, teacher: ScriptedTeacher, **settings: Any) -> Iterator[tuple[App, ModelServer]]:
    with (
        ModelServer(teacher.script, model="Llama-4-teacher") as server,
        build(load_settings(home=home, model_url=server.url, model_tries=1, **settings)) as app,
    ):
        yield app, server


def distil(app: App, path: Path, options: Options, user: User = LOCAL_OPERATOR, **more: Any) -> Summary:
    distiller = make_distiller(app.settings, app.catalog, app.herd, app.retriever, app.library, user)
    return distiller.run(path, options, user, **more)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text().splitlines()]


def test_what_is_right_is_kept_and_every_fault_is_counted(home: Path, tmp_path: Path) -> None:
    teacher = ScriptedTeacher(behaviours=FAULTS, quoting=("right",) * 9 + ("invented",))
    out = tmp_path / "out.jsonl"
    with taught(home, teacher) as (app, _):
        summary = distil(app, out, Options(("docs",), questions=8, validation=0.3))
        held = app.library
        texts = {info.ref.key: held.read("docs", info.ref.key, LOCAL_OPERATOR).text for info in held.documents(STAFF)}
    right = [q for q, (_, behaviour) in teacher.known.items() if behaviour == "right"]
    found = rows(out) + rows(tmp_path / "out.validation.jsonl")
    answers = [row for row in found if row["kind"] == "answer"]
    assert {row["question"] for row in answers} <= set(right)
    assert len(answers) >= 0.7 * len(right)  # some had invented evidence
    assert summary.kinds == {"answer": len(answers), "refusal": len(found) - len(answers)}
    assert summary.dropped.keys() >= {"invented", "unsupported", "uncited", "no_source", "refused", "cut"}
    for row in answers:
        system, user, assistant = row["messages"]
        assert (system["role"], user["role"], assistant["role"]) == ("system", "user", "assistant")
        assert system["content"] == INSTRUCTIONS
        assert user["content"].endswith(f"Question: {row['question']}")
        for each in row["evidence"]:
            assert each["verified"]
            assert f"[{each['number']}]" in assistant["content"]
            if each["document"]["key"] in texts:
                assert texts[each["document"]["key"]][each["start"] : each["end"]] == each["quote"]
    for row in found:
        if row["kind"] == "refusal":
            assert row["messages"][-1]["content"].startswith("NOT_IN_DOCUMENTS Nothing is said")
            assert row["evidence"] == []
        assert row["teacher"] == {"model": "Llama-4-teacher", "licence": "Llama 4 Community License"}


def test_the_prompt_is_the_one_that_the_assistant_builds(home: Path, tmp_path: Path) -> None:
    with taught(home, ScriptedTeacher(), answer_mode="chunks", agent_steps=0) as (app, server):
        distil(app, tmp_path / "out.jsonl", Options(("docs",), count=1, validation=0, unanswerable=0))
        (row,) = rows(tmp_path / "out.jsonl")
        app.answerer.ask(Question(row["question"], mode="chunks", budget=4000), LOCAL_OPERATOR)
        asked = server.asked[-1].messages
    written = row["messages"][:2]
    assert asked[0]["content"] == written[0]["content"]

    def without_codes(text: str) -> str:
        return re.sub(r"<(/?)document \w{8}>", r"<\1document>", text)

    assert without_codes(asked[1]["content"]) == without_codes(written[1]["content"])
    assert asked[1]["content"] != written[1]["content"]  # the fences in a file are not those of people's questions


def test_no_text_is_in_both_parts(home: Path, tmp_path: Path) -> None:
    with taught(home, ScriptedTeacher()) as (app, _):
        summary = distil(app, tmp_path / "out.jsonl", Options(("docs",), questions=4, validation=0.4, unanswerable=0.5))
    assert min(summary.records.values()) > 0
    seen: dict[str, set[str]] = {}
    for name in ("out.jsonl", "out.validation.jsonl"):
        for row in rows(tmp_path / name):
            places = [row["made_from"], *row["read"], *row["evidence"]]
            seen.setdefault(name, set()).update(place["document"]["key"] for place in places)
            for subject in SUBJECTS:
                if f"# {subject}" in row["messages"][1]["content"]:
                    seen[name].add(f"{subject.lower()}.md")
    assert not seen["out.jsonl"] & seen["out.validation.jsonl"]


def test_it_goes_on_where_it_ended_and_writes_nothing_twice(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    options = Options(("docs",), questions=3, validation=0, unanswerable=0)
    teacher = ScriptedTeacher()
    with taught(home, teacher) as (app, server):
        distil(app, out, Options(**{**_fields(options), "count": 4}))
        first, asked = out.read_bytes(), len(server.asked)
        assert len(rows(out)) == 4
        distil(app, out, Options(**{**_fields(options), "count": 4}))
        assert (out.read_bytes(), len(server.asked)) == (first, asked)
        left = iter(range(9))
        away = Reply(status=503, message="starting")
        server.script.rules.insert(0, lambda _: away if next(left, None) is None else None)
        with pytest.raises(ModelUnavailableError, match="starting"):
            distil(app, out, options, at_once=1)
        kept = rows(out)
        assert len(kept) > 4
        assert out.read_bytes().startswith(first)
        assert json.loads((tmp_path / "out.about.json").read_text())["records"]["train"] == len(kept)
        del server.script.rules[0]
        summary = distil(app, out, options)
    done = rows(out)
    assert done[: len(kept)] == kept
    assert len({row["id"] for row in done}) == len(done) == summary.records["train"]
    assert {row["made_from"]["document"]["key"] for row in done} == {f"{s.lower()}.md" for s in SUBJECTS}
    with taught(home, teacher) as (app, _), pytest.raises(ConfigurationError, match="seed was 0, is 1"):
        distil(app, out, Options(**{**_fields(options), "seed": 1}))


def _fields(options: Options) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


@pytest.mark.parametrize("teacher", [ScriptedTeacher(schema=False, fenced=True), ScriptedTeacher(schema=False)])
def test_a_server_without_schemas_and_a_reply_with_more_words_will_do(
    home: Path, tmp_path: Path, teacher: ScriptedTeacher
) -> None:
    with taught(home, teacher) as (app, server):
        summary = distil(app, tmp_path / "out.jsonl", Options(("docs",), count=3, validation=0), at_once=2)
        refused = [each for each in server.asked if "response_format" in each.body]
    assert summary.records["train"] == 3
    assert "unreadable" not in summary.dropped
    assert len(refused) <= 2  # those at once each learn it; nobody asks for it again


def test_a_teacher_that_says_nothing_of_use_ends_the_run_with_a_clear_error(home: Path, tmp_path: Path) -> None:
    teacher = ScriptedTeacher(schema=False, nonsense="I would rather talk of the weather.")
    with taught(home, teacher) as (app, _), pytest.raises(ModelServerError, match="5 documents in a row") as caught:
        distil(app, tmp_path / "out.jsonl", Options(("docs",)))
    assert "JSON" in caught.value.message


def test_refusals_are_as_many_as_wanted_and_a_teacher_that_answers_all_gives_none(home: Path, tmp_path: Path) -> None:
    wanted = Options(("docs",), questions=5, unanswerable=0.3, validation=0)
    with taught(home, ScriptedTeacher(behaviours=("right", "invented", "invented"))) as (app, _):
        kinds = distil(app, tmp_path / "a.jsonl", wanted).kinds
    assert 1 <= kinds["refusal"] <= 0.3 * (kinds["answer"] + kinds["refusal"]) + 1
    with taught(home, ScriptedTeacher(refuses=False)) as (app, _):
        summary = distil(app, tmp_path / "b.jsonl", wanted)
    assert summary.kinds["refusal"] == 0
    assert summary.dropped["answered"] > 3


def test_only_what_the_person_may_read_is_read_and_who_may_read_it_is_told(home: Path, tmp_path: Path) -> None:
    options = Options(("docs",), questions=2, validation=0)
    with taught(home, ScriptedTeacher()) as (app, server):
        mine = distil(app, tmp_path / "mine.jsonl", options, STAFF)
        sent = json.dumps([each.body for each in server.asked])
        assert "Leave register" not in sent
        assert mine.readers is None
        theirs = distil(app, tmp_path / "theirs.jsonl", options)
        assert theirs.readers == ("group:hr",)
        assert json.loads((tmp_path / "theirs.about.json").read_text())["readers"] == ["group:hr"]
        with pytest.raises(ConfigurationError, match="no documents of other"):
            distil(app, tmp_path / "other.jsonl", Options(("other",)), STAFF)
        with pytest.raises(NotFoundError, match="no model 'x'"):
            make_distiller(app.settings, app.catalog, app.herd, app.retriever, app.library, STAFF, teacher="x")
    assert not (tmp_path / "other.jsonl").exists()
    assert all(row["made_from"]["document"]["key"] != "leave.md" for row in rows(tmp_path / "mine.jsonl"))


def test_questions_for_measuring_answers(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    with taught(home, ScriptedTeacher()) as (app, _):
        distil(app, out, Options(("docs",), shape="questions", questions=4, unanswerable=0.3))
    cases = load_cases(out)
    assert {case.answerable for case in cases} == {True, False}
    for case in cases:
        if case.answerable:
            assert case.documents[0].startswith("docs:")
            assert case.quotes[0].text == case.gold_answer
            assert "[" not in case.gold_answer
        else:
            assert (case.documents, case.quotes, case.gold_answer) == ((), (), "")
    assert (tmp_path / "questions.validation.jsonl").read_text() == ""

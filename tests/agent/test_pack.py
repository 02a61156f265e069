from __future__ import annotations

import json
import pathlib

import plugins.contracts
from assistant.agent import AgentLimits, ToolAgent
from assistant.answer import Answerer, WrittenAnswerer
from assistant.catalog import PackRecord
from assistant.herd import Herd, Member
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import AnswerDone, ModelProfile, Question, User
from tests.agent.conftest import KEY, LEAVE, OnePassage, Study
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.tools import call

LEGAL = User("ann", frozenset({"everyone", "legal"}))
OTHER = User("bob", frozenset({"everyone"}))
TEXT = (pathlib.Path(plugins.contracts.__file__).parent / "evaluation/documents/hosting-2025.md").read_text()
DOC = make_document("hosting-2025.md", TEXT, title="Hosting")


class Docs:
    def __init__(self, library):
        self.library = library

    def page(self, user, sources=None, limit=None, offset=0):
        return [] if offset else self.library.documents(user)

    def read(self, source, key, user):
        return DOC

    def search(self, *a):
        return []


def test_it(tmp_path):
    study = Study(tmp_path)
    study.library = MemoryLibrary([LEAVE, DOC], FakeEmbedder())
    registry = PluginRegistry()
    load_plugin(registry, "contracts", "1", "plugins.contracts", "register")
    records = {"contracts": PackRecord("contracts", frozenset({"group:legal"}))}
    registry.packs.open(lambda: records, Docs(study.library), lambda *_: False)
    agent = ToolAgent(lambda: registry.tools, study.library, KEY, AgentLimits())
    herd = Herd([Member(ModelProfile("scripted", frozenset({"answer"})), study.model)])
    quoting = Answerer(OnePassage(), study.library, FakeEmbedder())
    answerer = WrittenAnswerer(
        quoting,
        OnePassage(),
        study.library,
        herd,
        study.catalog.token_counts,
        KEY,
        agent=agent,
        guidance=registry.packs.prompt,
    )
    args = json.dumps({"kind": "liability", "document": {"source": DOC.ref.source, "key": DOC.ref.key}})
    study.model.script = Script(
        in_turn(
            Reply("", tool_calls=(call("find_clauses", args),)),
            Reply("The Supplier's total liability in a contract year is limited to GBP 250,000 [2]."),
        )
    )
    answer = next(e.answer for e in answerer.stream(Question("What is the cap?"), LEGAL) if isinstance(e, AnswerDone))
    print(answer.text, answer.tools, answer.citations)
    assert answer.citations[0].verified and answer.citations[0].passage.ref.key == "hosting-2025.md"
    assert "Name the clause" in study.model.asked[0].prompt
    assert {t["function"]["name"] for t in study.model.asked[0].body["tools"]} == {
        "find_clauses",
        "obligations",
        "compare_versions",
    }
    study.model.script = Script(in_turn(Reply("Employees have 28 days of leave in a year [1].")))
    next(e.answer for e in answerer.stream(Question("What is the cap?"), OTHER) if isinstance(e, AnswerDone))
    assert study.model.asked[-1].body["tools"] == []
    assert "Name the clause" not in study.model.asked[-1].prompt

"""The contracts pack's tools and prompt, as the agent gives them to a model."""

from __future__ import annotations

import json
from pathlib import Path

import plugins.contracts
from assistant.agent import AgentLimits, ToolAgent
from assistant.answer import Answerer, WrittenAnswerer
from assistant.catalog import PackRecord
from assistant.herd import Herd, Member
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import Answer, AnswerDone, ModelProfile, Question, User
from tests.agent.conftest import KEY, LEAVE, OnePassage, Study
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.tools import call

LEGAL = User("ann", frozenset({"everyone", "legal"}))
OTHER = User("bob", frozenset({"everyone"}))
EVALUATION = Path(plugins.contracts.__file__).parent / "evaluation" / "documents"
HOSTING = make_document("hosting-2025.md", (EVALUATION / "hosting-2025.md").read_text("utf-8"), title="Hosting")


class OneContract:
    """Reads the contract for anybody."""

    def __init__(self, library):
        self._library = library

    def page(self, user, sources=None, limit=None, offset=0):
        return [] if offset else self._library.documents(user)

    def read(self, source, key, user):
        return HOSTING

    def search(self, query, user, limit, filters):
        return []


def _answerer(study: Study) -> WrittenAnswerer:
    study.library = MemoryLibrary([LEAVE, HOSTING], FakeEmbedder())
    registry = PluginRegistry()
    load_plugin(registry, "contracts", "1", "plugins.contracts", "register")
    records = {"contracts": PackRecord("contracts", frozenset({"group:legal"}))}
    registry.packs.open(lambda: records, OneContract(study.library), lambda *_: False)
    agent = ToolAgent(registry.tools_for, study.library, KEY, AgentLimits())
    herd = Herd([Member(ModelProfile("scripted", frozenset({"answer"})), study.model)])
    quoting = Answerer(OnePassage(), study.library, FakeEmbedder())
    parts = (quoting, OnePassage(), study.library, herd, study.catalog.token_counts, KEY)
    return WrittenAnswerer(*parts, agent=agent, guidance=registry.packs.prompt)


def _answer(answerer: WrittenAnswerer, user: User) -> Answer:
    events = answerer.stream(Question("What is the cap of liability?"), user)
    return next(event.answer for event in events if isinstance(event, AnswerDone))


def test_a_clause_that_a_tool_found_is_cited_and_verified(tmp_path: Path) -> None:
    study = Study(tmp_path)
    answerer = _answerer(study)
    wanted = {"kind": "liability", "document": {"source": HOSTING.ref.source, "key": HOSTING.ref.key}}
    said = "The Supplier's total liability in a contract year is limited to GBP 250,000 [2]."
    replies = (Reply("", tool_calls=(call("find_clauses", json.dumps(wanted)),)), Reply(said))
    study.model.script = Script(in_turn(*replies))
    (citation,) = _answer(answerer, LEGAL).citations
    assert citation.passage.ref.key == "hosting-2025.md"
    assert citation.verified
    asked = study.model.asked[0]
    assert "Name the clause" in asked.prompt
    assert {tool["function"]["name"] for tool in asked.body["tools"]} == {
        "find_clauses",
        "obligations",
        "compare_versions",
    }


def test_who_has_not_the_pack_sees_neither_its_tools_nor_its_prompt(tmp_path: Path) -> None:
    study = Study(tmp_path)
    answerer = _answerer(study)
    study.model.script = Script(in_turn(Reply("Employees have 28 days of leave in a year [1].")))
    _answer(answerer, OTHER)
    assert study.model.asked[0].body["tools"] == []
    assert "Name the clause" not in study.model.asked[0].prompt

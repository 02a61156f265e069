"""The assistant as a retriever of LangChain and of LlamaIndex, with the real libraries."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever as LlamaBaseRetriever
from llama_index.core.schema import MetadataMode

from assistant import App
from assistant.errors import ConfigurationError
from assistant.integrations import langchain_retriever, llamaindex_retriever
from assistant.types import Filters, User
from tests.fakes.handbook import TEXTS

EMPLOYEE = User("ann", frozenset({"everyone"}))
HR = User("bea", frozenset({"everyone", "hr"}))
PAGE = Path(__file__).parents[2] / "infra" / "docs" / "integrations.md"


def _keys(documents: list[Document]) -> list[str]:
    return [document.metadata["key"] for document in documents]


def test_langchain_documents_say_where_they_stand(app: App) -> None:
    retriever = langchain_retriever(app, EMPLOYEE)
    assert isinstance(retriever, BaseRetriever)
    first = retriever.invoke("Where are train tickets booked?")[0]
    found = first.metadata
    assert {"source": "docs", "key": "travel.md", "page": None}.items() <= found.items()
    assert found.keys() == {"source", "key", "title", "uri", "page", "start", "end", "score"}
    assert found["uri"].endswith("/travel.md")
    assert found["title"]
    assert first.page_content == TEXTS["travel.md"][found["start"] : found["end"]]
    assert "Concur" in first.page_content
    assert json.loads(json.dumps(found)) == found
    assert first.id == retriever.invoke("Where are train tickets booked?")[0].id


def test_both_give_only_what_the_user_may_read(app: App) -> None:
    question = "What is grade K7 paid a month?"
    assert _keys(langchain_retriever(app, HR).invoke(question))[0] == "hr/salary.md"
    assert "hr/salary.md" not in _keys(langchain_retriever(app, EMPLOYEE).invoke(question))
    assert llamaindex_retriever(app, HR).retrieve(question)[0].metadata["key"] == "hr/salary.md"
    keys = {node.metadata["key"] for node in llamaindex_retriever(app, EMPLOYEE).retrieve(question)}
    assert keys
    assert "hr/salary.md" not in keys


def test_both_keep_to_limit_and_filters(app: App) -> None:
    only = Filters(paths=("vpn.txt",))
    assert len(langchain_retriever(app, HR, limit=1).invoke("tickets, pay or VPN")) == 1
    assert len(llamaindex_retriever(app, HR, limit=1).retrieve("tickets, pay or VPN")) == 1
    assert _keys(langchain_retriever(app, HR, filters=only).invoke("train tickets")) == ["vpn.txt"]
    nodes = llamaindex_retriever(app, HR, filters=only).retrieve("train tickets")
    assert [node.metadata["key"] for node in nodes] == ["vpn.txt"]
    for make in (langchain_retriever, llamaindex_retriever):
        with pytest.raises(ConfigurationError, match="limit is 0"):
            make(app, HR, limit=0)


def test_a_user_has_to_be_named(app: App) -> None:
    make: Any
    for make in (langchain_retriever, llamaindex_retriever):
        with pytest.raises(TypeError, match="user"):
            make(app)


def test_it_is_a_part_of_a_langchain_chain(app: App) -> None:
    chain = langchain_retriever(app, EMPLOYEE) | RunnableLambda(_keys)
    assert asyncio.run(chain.ainvoke("Which gateway has the VPN?"))[0] == "vpn.txt"


def test_llamaindex_puts_title_and_text_into_the_prompt_but_no_offsets(app: App) -> None:
    retriever = llamaindex_retriever(app, EMPLOYEE)
    assert isinstance(retriever, LlamaBaseRetriever)
    first = retriever.retrieve("Where are train tickets booked?")[0]
    assert first.score == first.metadata["score"]
    assert first.node.get_content() == TEXTS["travel.md"][first.metadata["start"] : first.metadata["end"]]
    told = first.node.get_content(MetadataMode.LLM)
    assert "key: travel.md" in told
    assert "score" not in told
    engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())
    answer = engine.query("Where are train tickets booked?")
    assert answer.source_nodes[0].metadata["key"] == "travel.md"
    assert "Concur" in str(answer)  # the mock returns its prompt


@pytest.mark.parametrize("example", ["langchain", "llamaindex"])
def test_the_example_of_the_page_works(
    example: str, filled_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = PAGE.read_text(encoding="utf-8").split(f"<!-- example: {example} -->\n```python\n")[1].split("```")[0]
    monkeypatch.setenv("ASSISTANT_HOME", str(filled_home))
    exec(compile(code, PAGE.name, "exec"), {})  # noqa: S102 (our own page)
    assert "travel.md" in capsys.readouterr().out

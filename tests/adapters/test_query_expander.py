"""Rewording questions: what a model is asked, and which of its lines are wordings."""

from __future__ import annotations

import pytest

from assistant.adapters.query_expander import ModelQueryExpander
from assistant.interfaces import QueryExpander
from tests.contracts.query_expander_contract import KNOWN, QueryExpanderContract
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script


def rewording(text: str) -> tuple[ModelQueryExpander, FakeChatModel]:
    model = FakeChatModel(Script(otherwise=Reply(text)))
    return ModelQueryExpander(model, "small"), model


class TestModelQueryExpander(QueryExpanderContract):
    @pytest.fixture
    def expander(self) -> QueryExpander:
        return rewording(f'1. days of annual leave\n- "vacation entitlement"\n\n{KNOWN.upper()}\n* leave')[0]


def test_it_sends_the_question_and_reads_lines() -> None:
    chatter = "chatter " * 100
    expander, model = rewording(f"annual leave\nAnnual Leave\n{chatter}\n2) PTO")
    assert expander.expand(KNOWN) == ["annual leave", "PTO"]
    assert f"---\n{KNOWN}\n---" in model.asked[-1].last
    assert rewording("")[0].expand(KNOWN) == []

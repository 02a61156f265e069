"""What a plugin's process sends of a tool's result."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import PluginError
from assistant.plugin_host.worker import _pack_result, _Served
from assistant.registry import Place
from assistant.types import DocumentRef, Passage, ToolResult


def test_a_result_is_text_and_data() -> None:
    assert _pack_result(ToolResult("done", {"n": 1})) == {"text": "done", "data": {"n": 1}}


def test_passages_and_other_things_are_refused() -> None:
    passage = Passage(DocumentRef("s", "a", "1", "a", "", "text/plain"), 0, 4, "text")
    with pytest.raises(PluginError, match="only the assistant's own tools can"):
        _pack_result(ToolResult("done", {}, (passage,)))
    with pytest.raises(PluginError, match="a str and no ToolResult"):
        _pack_result("done")


def test_tools_that_are_configured_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kinds_of_tools.py").write_text(
        "from pydantic import BaseModel\n"
        "class Config(BaseModel): pass\n"
        "def register(registry): registry.add_tool_kind('shop', Config, lambda name, config: None)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="tool kind 'shop': only built-in ones can"):
        _Served(Place("kinds_of_tools", str(tmp_path)), 1 << 30).begin()

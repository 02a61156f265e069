"""What a call has to be before a tool sees it."""

from __future__ import annotations

import pytest

from assistant.agent import check_call
from assistant.agent.calls import arguments_of, checked
from assistant.errors import ToolError
from assistant.registry import allowed
from assistant.types import User
from tests.fakes.tools import ScriptedTool, call

STAFF = User("ann", frozenset({"everyone"}))
SCHEMA = {
    "type": "object",
    "properties": {"days": {"type": "integer"}, "note": {"type": "string"}, "or": {"type": ["string", "null"]}},
    "required": ["days"],
    "additionalProperties": False,
}


def test_arguments_are_one_json_object() -> None:
    assert arguments_of(call(arguments=' {"a": 1} ')) == {"a": 1}
    assert arguments_of(call(arguments="")) == {}
    assert arguments_of(call(arguments='{"a\\ud800": ["b\\udfff", {"c": 1.5}]}')) == {"a?": ["b?", {"c": 1.5}]}
    for wrong in ("{", "[1]", "null", "x" * 100_001, '{"a": NaN}', '{"a": ' + "[" * 50_000):
        with pytest.raises(ToolError):
            arguments_of(call(arguments=wrong))


def test_they_fit_the_schema() -> None:
    tool = ScriptedTool("leave", parameters=SCHEMA)
    assert checked(tool, {"days": 3, "note": "x"}) == {"days": 3, "note": "x"}
    for wrong, said in (({}, "'days' is a required"), ({"days": "3"}, "argument days"), ({"days": 1, "x": 1}, "'x'")):
        with pytest.raises(ToolError, match=said):
            checked(tool, wrong)


def test_a_null_in_place_of_what_may_be_left_out_is_left_out() -> None:
    tool = ScriptedTool("leave", parameters=SCHEMA)
    assert checked(tool, {"days": 3, "note": None}) == {"days": 3}
    with pytest.raises(ToolError, match="argument days"):
        checked(tool, {"days": None})


def test_a_schema_that_refers_elsewhere_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("the schema was fetched"))
    for reference in ("http://127.0.0.1:9/schema.json", "#/$defs/missing"):
        tool = ScriptedTool("odd", parameters={"type": "object", "properties": {"a": {"$ref": reference}}})
        with pytest.raises(ToolError, match="schema of odd cannot be used"):
            checked(tool, {"a": 1})
    with pytest.raises(ToolError, match="schema of odd cannot be used"):
        checked(ScriptedTool("odd", parameters={"type": 3}), {"a": 1})


def test_a_tool_is_there_for_whom_it_allows() -> None:
    tools = {"echo": ScriptedTool(groups=frozenset({"hr"}))}
    assert check_call(allowed(tools, User("bob", frozenset({"hr"}))), "echo", {"text": "x"}) == {"text": "x"}
    with pytest.raises(ToolError, match="no tool 'echo' for this user"):
        check_call(allowed(tools, STAFF), "echo", {"text": "x"})

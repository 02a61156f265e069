"""What the tools do with an agent behind them: it works as the person who called, and asks nobody."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from assistant.app import App
from assistant.audit import Recorder
from assistant.mcp_server import Desk
from assistant.types import User
from tests.agent.conftest import QUESTION, Study
from tests.fakes.model_scripts import Reply
from tests.fakes.tools import ScriptedTool, call

ANSWER = Reply("Employees have 28 days of leave in a year [1].")


def test_calls_that_write_are_never_made_and_others_as_the_person(tmp_path: Path) -> None:
    study = Study(tmp_path)
    write, read = ScriptedTool("write", writes=True), ScriptedTool("read", groups=frozenset({"hr"}))
    study.has(write, read)
    audit = Recorder(study.catalog.audit)
    app: Any = SimpleNamespace(answerer=study.answerer(), settings=SimpleNamespace(answer_mode="auto"), audit=audit)
    desk = Desk(lambda: nullcontext(cast(App, app)))
    hanna, ian = User("hanna", frozenset({"everyone", "hr"})), User("ian", frozenset({"everyone"}))
    study.says(Reply(tool_calls=(call("write"), call("read", number=2))), ANSWER)
    answer = desk.ask(hanna, QUESTION, None, None)
    assert [(use.name, use.state) for use in answer.tools] == [("write", "rejected"), ("read", "done")]
    assert "nobody can be asked here" in study.told()[0]
    assert ([user for _, user in read.calls], write.calls) == ([hanna], [])
    study.says(Reply(tool_calls=(call("read"),)), ANSWER)
    assert [use.state for use in desk.ask(ian, QUESTION, None, None).tools] == ["failed"]
    assert len(read.calls) == 1
    audit.close()
    study.catalog.close()

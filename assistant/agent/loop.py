"""Lets a model think, call tools and think again until it has answered: a graph of LangGraph with two nodes."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypedDict

from assistant.access.standing import as_given
from assistant.agent.calls import arguments_of, checked, named, spec_of
from assistant.agent.results import Reader, Results, fitted
from assistant.agent.running import carry_out
from assistant.errors import ToolError
from assistant.interfaces import Job, Tool, Writer
from assistant.prompts import LAST_WORDS
from assistant.registry import reaches_out
from assistant.types import (
    AnswerEvent,
    ApprovalWanted,
    ChatMessage,
    TextPart,
    ToolCall,
    ToolFinished,
    ToolSpec,
    ToolStarted,
    ToolUse,
    User,
)

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

_AT_ONCE = 8  # calls of one step
_LEAST = 200  # tokens without which no further result is of use
_SHORTEST = 8  # tokens of a result of which nothing is left but that it was cut
_LOOP = "loop"  # where the graph's configuration has the answer that it runs for
_LAST_WORDS = 100  # tokens that ask for the answer
_CUT = "the longest prompt that it may take (agent_tokens, or the model's own) was reached"


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """What calls may take in one answer.

    Attributes:
        steps: how often the model may ask for calls.
        tokens: calls and results together, in the model's tokens.
        seconds: from the first step on; then no further call is made.
        result_tokens: of one result.
        call_seconds: of one call.
    """

    steps: int = 8
    tokens: int = 32_000
    seconds: float = 300
    result_tokens: int = 8_000
    call_seconds: float = 60


class ToolAgent:
    """Implements `interfaces.Agent`. Safe to use from several threads.

    Args:
        tools: returns those that a user may use now, by name.
        reader: reads documents.
        key: a secret of this installation, for fences.
        limits: see there.
        now: says who a user is at the moment of a call.
    """

    def __init__(
        self,
        tools: Callable[[User], Mapping[str, Tool]],
        reader: Reader,
        key: bytes,
        limits: AgentLimits | None = None,
        now: Callable[[User], User] = as_given,
    ) -> None:
        self._tools, self._reader, self._key, self._now = tools, reader, key, now
        self._limits = limits or AgentLimits()

    @property
    def tokens(self) -> int:
        """See `interfaces.Agent`."""
        return self._limits.tokens

    def offered(self, user: User) -> tuple[ToolSpec, ...]:
        """See `interfaces.Agent`; none where no step is allowed."""
        if not self._limits.steps:
            return ()
        return tuple(spec_of(tool) for _, tool in sorted(self._tools(user).items()))

    def run(self, job: Job, writer: Writer, uses: list[ToolUse], notes: list[str]) -> Iterator[AnswerEvent]:
        """See `interfaces.Agent`."""
        from langsmith import tracing_context

        results = Results(job, self._reader, self._key)
        loop = _Loop(job, writer, results, self._limits, self._tools, self._now, (uses, notes))
        # LangGraph reports what it does to LangSmith where the environment says so: prompts are nobody else's business
        with tracing_context(enabled=False):
            config: Any = {"recursion_limit": 2 * self._limits.steps + 10, "configurable": {_LOOP: loop}}
            events: Iterator[Any] = _graph().stream(loop.start(), stream_mode="custom", config=config)
            yield from events


def load_graphs() -> None:
    """Make the graph of all answers before it is needed: to import its library takes a second or two."""
    # requests, which the library brings, says when it is imported that it cannot use SOCKS proxies: nobody asks it to
    warnings.filterwarnings("ignore", message="SOCKS support in urllib3")
    _graph()


class _State(TypedDict):
    """What passes between the nodes: the prompt, the calls of this step, and the limit that ended the calls."""

    messages: tuple[ChatMessage, ...]
    step: tuple[ToolUse, ...]
    said: str
    number: int
    limit: str


class _Loop:
    """One answer; its methods are the graph's nodes."""

    def __init__(
        self,
        job: Job,
        writer: Writer,
        results: Results,
        limits: AgentLimits,
        tools: Callable[[User], Mapping[str, Tool]],
        now: Callable[[User], User],
        told: tuple[list[ToolUse], list[str]],
    ) -> None:
        self._job, self._writer, self._results, self._limits = job, writer, results, limits
        self._tools_for, self._now = tools, now
        self._uses, self._notes = told
        self._began = time.monotonic()
        self._share = limits.result_tokens

    def _user(self) -> User:
        """Return who asks as the person is now: groups may have gone since the answer began."""
        return self._now(self._job.user)

    def _tools(self) -> Mapping[str, Tool]:
        return self._tools_for(self._user())

    @cached_property
    def _most(self) -> int:
        """The longest prompt; counted when the first call is made, as a long prompt takes a while to count."""
        base = self._writer.count(self._job.messages, self._job.tools)
        return min(self._job.most_tokens, base + self._limits.tokens)

    def start(self) -> _State:
        """Return the state that an answer begins with, or goes on with."""
        job = self._job
        state = _State(messages=tuple(job.messages), step=(), said="", number=0, limit="")
        before = 0
        for number, uses in groupby(job.so_far.tools, key=lambda use: use.step):
            step = tuple(uses)
            said, before = job.so_far.text[before : step[0].at].strip(), step[0].at
            if number == job.so_far.tools[-1].step:  # the one that waited
                return {**state, "step": step, "said": said, "number": number}
            state = {**state, "messages": self._with(state["messages"], step, said), "number": number}
        return state

    def think(self, state: _State) -> dict[str, Any]:
        """Let the model write, and ask for calls."""
        job, writer, limit = self._job, self._writer, state["limit"]
        messages = state["messages"]
        if limit:
            messages = (*messages, ChatMessage.of("user", LAST_WORDS.format(why=limit)))
        for event in writer.write(messages, () if limit else job.tools):
            _emit(event)
        calls = () if limit or writer.stopped else writer.calls
        number = state["number"] + 1
        step = tuple(self._asked(call, number, at) for at, call in enumerate(calls, start=1))
        return {"step": step, "said": writer.said, "number": number}

    def _asked(self, call: ToolCall, step: int, at: int) -> ToolUse:
        """Return a call as it is to be made, or as failed where it cannot be."""
        # nine letters and digits: some chat templates take no other ids
        use = ToolUse(f"call{step:02d}{at:03d}", call.name[:100], {}, step=step, at=self._writer.length)
        if at > _AT_ONCE:
            return replace(use, state="failed", error=f"only {_AT_ONCE} calls can be made at once; make it again")
        try:
            arguments = arguments_of(call)
            use = replace(use, arguments=arguments)
            tool = named(self._tools(), call.name)
            use = replace(use, arguments=checked(tool, arguments))
            return replace(use, writes=tool.writes, reaches_out=reaches_out(tool))
        except ToolError as error:
            return replace(use, state="failed", error=str(error))

    def act(self, state: _State) -> dict[str, Any]:
        """Make the calls that the model asked for."""
        step = self._decided({use.id: use for use in state["step"]})
        for use in step.values():  # in the order in which the model asked, whichever ends first
            self._keep(use)
        left = self._most - self._writer.count(state["messages"], self._job.tools) - _LEAST
        self._share = min(self._limits.result_tokens, max(0, left) // len(step))
        for event in self._made(step):
            self._keep(event.use)
            step[event.use.id] = event.use
            _emit(event)
        if self._writer.stopped or any(use.state == "waiting" for use in step.values()):
            return {"step": tuple(step.values())}
        messages = self._with(state["messages"], tuple(step.values()), state["said"])
        return {"messages": messages, "step": (), "limit": self._limit(state["number"], messages)}

    def _decided(self, step: dict[str, ToolUse]) -> dict[str, ToolUse]:
        """Look again at calls that a person agreed to earlier: whether they may still be made, with these arguments."""
        for use in step.values():
            if use.state == "approved":
                try:
                    tool = named(self._tools(), use.name)
                    step[use.id] = replace(use, arguments=checked(tool, use.arguments))
                except ToolError as error:
                    step[use.id] = replace(use, state="failed", error=str(error))
        return step

    def _made(self, step: Mapping[str, ToolUse]) -> Iterator[ToolStarted | ToolFinished | ApprovalWanted]:
        """Make the calls of a step: those that nobody is asked about at once, then the others one by one."""
        for use in step.values():
            if use.state in {"failed", "rejected"}:
                yield ToolFinished(use)
        yield from self._run([use for use in step.values() if use.state == "running" and not use.asks])
        for use in [use for use in step.values() if use.state == "running" and use.asks]:
            decision = None if self._writer.stopped else self._job.decide(use)
            if decision is None:
                yield ApprovalWanted(replace(use, state="waiting"))
            elif not decision.approved:
                yield ToolFinished(replace(use, state="rejected", reason=decision.reason))
            else:
                yield from self._run([self._edited(use, decision.arguments)])
        for use in [use for use in step.values() if use.state == "approved"]:
            yield from self._run([replace(use, state="running")])

    def _edited(self, use: ToolUse, arguments: Mapping[str, Any] | None) -> ToolUse:
        if arguments is None or arguments == use.arguments:
            return use
        try:
            fitting = checked(named(self._tools(), use.name), arguments)
        except ToolError as error:
            return replace(use, state="failed", arguments=arguments, proposed=use.arguments, error=str(error))
        return replace(use, arguments=fitting, proposed=use.arguments)

    def _run(self, uses: Sequence[ToolUse]) -> Iterator[ToolStarted | ToolFinished]:
        tools, calls = self._tools(), []
        for use in uses:
            if use.state != "running":
                yield ToolFinished(use)
            elif use.name not in tools:  # it was taken away in this moment
                yield ToolFinished(replace(use, state="failed", error=f"{use.name} may not be used any more"))
            elif why := _not_asked(tools[use.name], use):
                yield ToolFinished(replace(use, state="failed", error=f"{use.name} {why} now; call it again"))
            else:
                calls.append((tools[use.name], use))
                yield ToolStarted(use)
        left = self._limits.seconds - (time.monotonic() - self._began)
        seconds = max(1.0, min(self._limits.call_seconds, left))
        for use in carry_out(calls, self._user(), seconds, lambda: self._writer.stopped):
            short = fitted(use, self._share, self._writer.count_texts) if use.state == "done" else use
            yield ToolFinished(self._results.numbered(short))

    def _with(self, before: tuple[ChatMessage, ...], step: Sequence[ToolUse], said: str) -> tuple[ChatMessage, ...]:
        """Return the prompt with what the model asked for in a step and what came of it, as far as that fits."""
        calls = tuple(ToolCall(use.id, use.name, _json(use.proposed or use.arguments)) for use in step)
        asked = ChatMessage("assistant", (TextPart(said),) if said else (), calls)
        told = [self._results.numbered(self._results.again(use)) for use in step]
        share, most = self._share, self._most - _LAST_WORDS
        while True:
            answers = (ChatMessage("tool", (TextPart(self._results.message(use)),), (), use.id) for use in told)
            messages = (*before, asked, *answers)
            if share < _SHORTEST or self._writer.count(messages, self._job.tools) <= most:
                break
            share //= 2  # what stands around results was not counted
            told = [fitted(use, share, self._writer.count_texts) for use in told]
        for use in told:
            self._keep(use)
        return messages

    def _keep(self, use: ToolUse) -> None:
        for number, one in enumerate(self._uses):
            if one.id == use.id:
                self._uses[number] = use
                return
        self._uses.append(use)

    def _limit(self, steps: int, messages: Sequence[ChatMessage]) -> str:
        """Return the limit that is reached, if one is."""
        limits, why = self._limits, ""
        if steps >= limits.steps:
            why = f"the limit of {limits.steps} steps (agent_steps) was reached"
        elif time.monotonic() - self._began >= limits.seconds:
            why = f"the limit of {limits.seconds:g} seconds (agent_seconds) was reached"
        elif self._writer.count(messages, self._job.tools) + _LEAST > self._most:
            why = _CUT
        if why:
            self._notes.append(f"{why}: the model answered with what it had")
        return why


def _not_asked(tool: Tool, use: ToolUse) -> str:
    """Return what a tool does that nobody was asked about, as another one has its name now; empty where all is well."""
    if tool.writes and not use.writes:
        return "writes"
    return "reaches out" if reaches_out(tool) and not use.asks else ""


@cache  # it takes longer to make than most searches; whose answer it runs for stands in its configuration
def _graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """Return the graph of all answers."""
    from langgraph.config import get_config
    from langgraph.graph import END, START, StateGraph

    def loop() -> _Loop:
        found: _Loop = get_config()["configurable"][_LOOP]
        return found

    def think(state: _State) -> dict[str, Any]:
        return loop().think(state)

    def act(state: _State) -> dict[str, Any]:
        return loop().act(state)

    graph = StateGraph(_State)
    graph.add_node("think", think)
    graph.add_node("act", act)
    graph.add_conditional_edges(START, lambda state: "act" if state["step"] else "think", ["act", "think"])
    graph.add_conditional_edges("think", lambda state: "act" if state["step"] else END, ["act", END])
    graph.add_conditional_edges("act", lambda state: END if state["step"] else "think", ["think", END])
    return graph.compile()


def _emit(event: AnswerEvent) -> None:
    from langgraph.config import get_stream_writer

    get_stream_writer()(event)


def _json(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, ensure_ascii=False)

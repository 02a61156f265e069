"""Turns as their person may read them now: what rests on documents that are gone, closed or changed is withdrawn.

A citation stays while its quote stands in a document that is current and that the person may read; where a newer
version has it at another place, it points there. Else the quote and its place are withdrawn. So is what the answer says
on it, as that repeats the quote: all since the citation before. What no citation covers rests on all that was read for
the answer, and for the turns before as far as they were told: it is withdrawn as soon as the person may not read one of
those documents. So is then what stands on a citation that is not known to carry it, as a model may cite one document
for what another says; and so are arguments and results of all its calls, as the model wrote the one from what it read,
and the other may repeat them. A call of a tool that the person may not use any more is like a document that is closed.
What is gone and what is closed look the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from assistant.access import Library
from assistant.catalog import TurnNode, TurnRecord
from assistant.citations import Draft, resolve
from assistant.conversations.stored import citations_of, plan_of, uses_of
from assistant.conversations.tree import branch, versions
from assistant.types import Citation, ContextPlan, DocumentInfo, DocumentRef, PlannedDocument, ToolUse, User

Withdrawn = Literal["gone", "changed"]
WITHDRAWN = "[withdrawn]"  # what stands in an answer's text in place of what is withdrawn

_MARKERS = re.compile(r"(?:\s*\[\d+(?:\s*,\s*\d+)*\])+[.!?,;:\u3002]*")  # with what ends the sentence behind them
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ShownCitation:
    """A citation, or why it is withdrawn.

    Attributes:
        number: as the answer's text has it.
        citation: as it stands now; None where it is withdrawn.
        withdrawn: `gone`: there is no such document that the person may read; `changed`: its current text does not
            hold the quote. None: it stands.
        document: which one; None where it is gone.
    """

    number: int
    citation: Citation | None
    withdrawn: Withdrawn | None
    document: DocumentRef | None


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn as its person may read it now.

    Attributes:
        record: with the text that may be read; its `plan` and `answer` are as they were stored, and not to be shown.
        versions: the turns that stand where it does, the oldest first.
        plan: what was read for it, without the documents that may not be read now; None where that is not known.
        hidden: how many documents that leaves out of the plan.
        citations: in the order of the answer.
        standalone: the question that was answered, where it is another and may be read now; else empty.
        withdrawn: whether some of the text is withdrawn.
        tools: the calls; without arguments and results where something that was read for it may not be read now.
    """

    record: TurnRecord
    versions: tuple[str, ...]
    plan: ContextPlan | None
    hidden: int
    citations: tuple[ShownCitation, ...]
    standalone: str
    withdrawn: bool
    tools: tuple[ToolUse, ...] = ()


class Rights(Protocol):
    """Says what somebody may do; see `conversations.parts.Parts`."""

    @property
    def library(self) -> Library:
        """Says what may be read."""
        ...

    @property
    def usable(self) -> Callable[[User], Collection[str]]:
        """Names the tools that a user may use now."""
        ...


def shown(wanted: Sequence[TurnRecord], nodes: Sequence[TurnNode], user: User, rights: Rights) -> list[ShownTurn]:
    """Return turns as the person may read them now.

    Args:
        wanted: what to show: turns with all those before them.
        nodes: how all turns of their conversation follow one another.
        user: who reads.
        rights: asked anew for every document and tool.
    """
    library = rights.library
    plans = {turn.id: plan_of(turn.plan) for turn in wanted}
    cited = {turn.id: citations_of(turn.answer) for turn in wanted}
    uses = {turn.id: uses_of(turn.answer) for turn in wanted}
    ids = {citation.passage.ref.id for citations in cited.values() for citation in citations}
    ids.update(ref.id for plan in plans.values() if plan is not None for ref in _named(plan))
    ids.update(one for turn in wanted for one in (*turn.answer.get("read_before", ()), *told_of(turn)))
    ids.update(one for found in uses.values() for use in found for one in use.rests_on)
    readable = library.readable(ids, user)
    checked = iter(_check([one for citations in cited.values() for one in citations], readable, user, library))
    may_use = set(rights.usable(user)) if any(map(tools_of, wanted)) else set[str]()
    made: dict[str, ShownTurn] = {}
    for turn in wanted:
        citations = tuple(next(checked) for _ in cited[turn.id])
        place, lost = versions(nodes, turn.parent), not tools_of(turn) <= may_use
        made[turn.id] = _shown(turn, place, plans[turn.id], citations, uses[turn.id], readable, has_lost_a_tool=lost)
    lost_turns = {turn for turn, one in made.items() if one.withdrawn}
    return [_without_carried(one, nodes, lost_turns) for one in made.values()]


def reads_all(plan: ContextPlan, user: User, library: Library) -> bool:
    """Whether the person may read, now, every document that the plan puts before the answerer."""
    ids = {ref.id for ref in _read_for(plan)}
    return ids <= library.readable(ids, user).keys()


def read_for(turn: TurnRecord, plan: ContextPlan | None) -> set[str]:
    """Return the ids of the documents that an answer rests on by its plan, and by those before its calls waited."""
    return {*turn.answer.get("read_before", ()), *(ref.id for ref in ([] if plan is None else _read_for(plan)))}


def rests_on(turn: TurnRecord) -> set[str]:
    """Return the ids of all documents that an answer may repeat: also of those that its history was made from."""
    read = read_for(turn, plan_of(turn.plan)).union(*(use.rests_on for use in uses_of(turn.answer)))
    return read.union(told_of(turn))


def tools_of(turn: TurnRecord) -> set[str]:
    """Return the tools whose results an answer may repeat: also of those that its history was made from."""
    return {use.name for use in uses_of(turn.answer) if use.state == "done"}.union(turn.context.get("tools", ()))


def withdraw(text: str, numbers: Mapping[int, bool], uncited: bool) -> str:
    """Return an answer's text without what rests on citations that are withdrawn.

    Args:
        text: the answer.
        numbers: of its citations, and whether each stands.
        uncited: whether what no citation covers may be read.
    """
    kept: list[str] = []
    start = 0
    for match in _MARKERS.finditer(text):
        named = [int(number) for number in _NUMBER.findall(match[0])]
        if not any(number in numbers for number in named):
            continue  # such as a year in brackets: no citation
        stands = all(numbers.get(number, True) for number in named)
        _add(kept, text[start : match.end()], stands=stands)
        start = match.end()
    rest = text[start:]
    _add(kept, rest, stands=not rest.strip() or (uncited and all(numbers.values())))
    return "".join(kept)


def _add(kept: list[str], part: str, *, stands: bool) -> None:
    if stands:
        kept.append(part)
        return
    space = part[: len(part) - len(part.lstrip())]
    if not kept or not kept[-1].endswith(WITHDRAWN):
        kept.append(space + WITHDRAWN)


def _check(
    citations: Sequence[Citation], readable: Mapping[str, DocumentInfo], user: User, library: Library
) -> list[ShownCitation]:
    """Return each citation as it stands now. Texts are read only of documents with another version than was cited."""
    moved = [c for c in citations if (i := readable.get(c.passage.ref.id)) and i.ref.version != c.passage.ref.version]
    drafts = [Draft(number, one.passage, one.quote) for number, one in enumerate(moved)]
    found = iter(resolve(drafts, user, library))
    made = []
    for citation in citations:
        info = readable.get(citation.passage.ref.id)
        if citation.kind == "attachment":  # the person's own
            made.append(ShownCitation(citation.number, citation, None, citation.passage.ref))
        elif info is None:
            made.append(ShownCitation(citation.number, None, "gone", None))
        elif info.ref.version == citation.passage.ref.version:
            now = replace(citation, passage=replace(citation.passage, ref=info.ref))
            made.append(ShownCitation(citation.number, now, None, info.ref))
        else:
            made.append(_resolved(citation, next(found), info))
    return made


def _resolved(citation: Citation, resolved: Citation, info: DocumentInfo) -> ShownCitation:
    """Return a citation of a document that has another version now; one that was never verified stays unverified."""
    if not resolved.verified:
        return ShownCitation(citation.number, None, "changed", info.ref)
    now = replace(resolved, number=citation.number, verified=citation.verified, supported=citation.supported)
    if citation.kind != "text":  # its words stand there still; the picture may be another
        now = replace(now, passage=replace(now.passage, pictures=(), boxes=()), kind="text")
    return ShownCitation(citation.number, now, None, info.ref)


def _shown(
    turn: TurnRecord,
    same_place: tuple[str, ...],
    plan: ContextPlan | None,
    citations: tuple[ShownCitation, ...],
    uses: tuple[ToolUse, ...],
    readable: Mapping[str, DocumentInfo],
    *,
    has_lost_a_tool: bool,
) -> ShownTurn:
    read = read_for(turn, plan).union(told_of(turn), *(use.rests_on for use in uses))
    reads_all = read <= readable.keys() and not has_lost_a_tool
    numbers: dict[int, bool] = {}
    for one in citations:  # a number may be cited for several places of one document
        stands = one.withdrawn is None and (reads_all or _says_no_more(one.citation))
        numbers[one.number] = numbers.get(one.number, True) and stands
    text = withdraw(turn.text, numbers, reads_all)
    kept, hidden = (None, 0) if plan is None else _without_hidden(plan, readable)
    withdrawn = text != turn.text
    if withdrawn:  # characters of the text are others now
        citations = tuple(map(_without_statement, citations))
    standalone = turn.answer.get("question", "")
    tools = uses if reads_all else tuple(map(without_words, uses))
    return ShownTurn(replace(turn, text=text), same_place, kept, hidden, citations, standalone, withdrawn, tools)


def told_of(turn: TurnRecord) -> Sequence[str]:
    """Return the ids of the documents that the turns before rest on, as far as they were told."""
    found: Sequence[str] = turn.context.get("documents", ())
    return found


def _says_no_more(citation: Citation | None) -> bool:
    """Whether what is said on a citation is in its quote: a model may cite one document for what another says."""
    return citation is not None and citation.verified and (citation.statement is None or citation.supported is True)


def without_words(use: ToolUse) -> ToolUse:
    """Return a call without all that may repeat what was read."""
    bare = replace(use, arguments={}, proposed=None, passages=(), first=0, documents=())
    return replace(bare, text=WITHDRAWN, error=WITHDRAWN if use.error else "")


def _without_statement(shown: ShownCitation) -> ShownCitation:
    return shown if shown.citation is None else replace(shown, citation=replace(shown.citation, statement=None))


def _without_carried(turn: ShownTurn, nodes: Sequence[TurnNode], lost: set[str]) -> ShownTurn:
    """Leave out the standalone question where a turn before has something withdrawn: it may hold words of that."""
    return turn if lost.isdisjoint(branch(nodes, turn.record.parent)) else replace(turn, standalone="")


def _without_hidden(plan: ContextPlan, readable: Mapping[str, DocumentInfo]) -> tuple[ContextPlan, int]:
    def may(planned: PlannedDocument) -> bool:
        return planned.ref.id in readable

    hidden = {ref.id for ref in _named(plan) if ref.id not in readable}
    kept = replace(
        plan,
        documents=tuple(filter(may, plan.documents)),
        passages=tuple(one for one in plan.passages if one.passage.ref.id in readable),
        left_out=tuple(filter(may, plan.left_out)),
        pictures=tuple(one for one in plan.pictures if one.kind == "attachment" or one.place.ref.id in readable),
    )
    return kept, len(hidden)


def _read_for(plan: ContextPlan) -> list[DocumentRef]:
    pictures = [one.place.ref for one in plan.pictures if one.kind != "attachment"]
    return [one.ref for one in plan.documents] + [one.passage.ref for one in plan.passages] + pictures


def _named(plan: ContextPlan) -> list[DocumentRef]:
    return _read_for(plan) + [one.ref for one in plan.left_out]

"""A conversation as a Markdown page, as its person may read it now."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.conversations.attached import rows_of
from assistant.conversations.parts import Conversation
from assistant.conversations.shown import ShownCitation, ShownTurn
from assistant.injection import inert, unmarked

STATES = {
    "answering": "The answer is still being written.",
    "waiting": "The answer waits for your decision on a call.",
    "stopped": "The answer was stopped here.",
    "interrupted": "The answer broke off here.",
    "failed": "There is no answer.",
}
WITHDRAWN = {
    "gone": "withdrawn: there is no such document that you may read",
    "changed": "withdrawn: the document says that no more",
}


def markdown(conversation: Conversation) -> str:
    """Return the branch that is shown as Markdown: questions as headings, answers, and the places that they cite."""
    record = conversation.record
    parts = [
        f"# {unmarked(record.title)}",
        f"Begun on {day(record.created_at)}, last used on {day(record.updated_at)}.",
    ]
    for turn in conversation.turns:
        parts += _turn(turn)
    return "\n\n".join(parts) + "\n"


def _turn(turn: ShownTurn) -> list[str]:
    record = turn.record
    first, *more = record.question.splitlines() or [""]
    parts = [f"## {unmarked(first)}"]
    if any(line.strip() for line in more):
        parts.append("\n".join(f"> {unmarked(line)}" for line in record.question.splitlines()))
    names = [unmarked(row["name"]) for row in rows_of(record) if not row["carried"]]
    if names:
        parts.append(f"*Attached: {', '.join(names)}*")
    if record.text.strip():
        parts.append(inert(record.text.strip()))
    if record.state in STATES:
        parts.append(f"*{STATES[record.state]}*")
    if record.error:
        parts.append(f"*{unmarked(record.error['error'])}*")
    if turn.citations:
        parts.append("\n".join(_citation(citation) for citation in turn.citations))
    return parts


def _citation(shown: ShownCitation) -> str:
    name = "" if shown.document is None else f"{unmarked(shown.document.title)}, "
    if shown.citation is None or shown.document is None:
        return f"- [{shown.number}] {name}{WITHDRAWN[shown.withdrawn or 'gone']}"
    passage, ref = shown.citation.passage, shown.document
    page = "" if passage.page is None else f", page {passage.page}"
    if shown.citation.kind == "attachment":
        return f"- [{shown.number}] {unmarked(ref.title)}, attached to the question (seen, not read)"
    if shown.citation.kind != "text" and not shown.citation.quote:
        return f"- [{shown.number}] {name}{unmarked(ref.source)}: {unmarked(ref.key)}{page} (a picture: seen, not read)"
    place = f"{unmarked(ref.source)}: {unmarked(ref.key)}{page}, characters {passage.start}\u2013{passage.end}"
    mark = "" if shown.citation.verified else " (not verified)"
    quote = " ".join(shown.citation.quote.split())
    return f"- [{shown.number}] {name}{place}{mark}: \u201c{unmarked(quote)}\u201d"


def day(moment: float) -> str:
    """Return the day of a moment, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")

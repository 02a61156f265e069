"""A conversation as a Markdown page, as its person may read it now."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.catalog import ConversationRecord
from assistant.conversations.attached import rows_of
from assistant.conversations.parts import Conversation
from assistant.conversations.shown import ShownCitation, ShownTurn
from assistant.injection import inert, unmarked
from assistant.types import Citation

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

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
        f"{days(record)}.",
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
        parts.append(_closed(inert(record.text.strip())))
    if record.state in STATES:
        parts.append(f"*{STATES[record.state]}*")
    if record.error:
        parts.append(f"*{unmarked(record.error['error'])}*")
    if turn.citations:
        parts.append("**Sources**")  # Markdown takes two lists in a row for one: the answer may end in one
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
    quote = " ".join(shown.citation.quote.split())
    return f"- [{shown.number}] {name}{place} ({', '.join(checks(shown.citation))}): \u201c{unmarked(quote)}\u201d"


def checks(citation: Citation) -> list[str]:
    """Return what the checks of a quote found, in words."""
    found = ["verified" if citation.verified else "not verified"]
    if citation.supported is not None:
        found.append("supported" if citation.supported else "says otherwise")
    return found


def days(record: ConversationRecord) -> str:
    """Return when a conversation was begun and last used, as days in UTC: the file is not of one place."""
    begun, used = (
        datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d") for moment in (record.created_at, record.updated_at)
    )
    return f"Begun on {begun}, last used on {used} (UTC)"


def _closed(text: str) -> str:
    """Return an answer in which no code stays open: one that was stopped there would take all behind it for code."""
    *_, last = _parser().parse(f"{text}\n\n.")
    end = {"fence": last.markup, "html_block": "</pre>"}.get(last.type)  # no other HTML goes on over an empty line
    return text if end is None else f"{text}\n{end}"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")

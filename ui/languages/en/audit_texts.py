"""The texts of the page of the audit log."""

from __future__ import annotations

from ui.audit import Entry, Verdict
from ui.languages.en.texts import count

AUDIT = "Audit log"
LEAD = "Who did what, when and from where. That you read it is recorded as well."
WHO, WHO_HELP = "Person", "The id of a person who did it, or to whom it was done; operator, system and nobody as well."
ACTION, ACTION_HELP = "Action", "The action or its first words: searched, document, source."
OUTCOME, ANY_OUTCOME = "Outcome", "Any"
OUTCOMES = {"begun": "Begun", "done": "Done", "refused": "Refused", "failed": "Failed"}
DOCUMENT_SOURCE = "Who saw a document: its source"
DOCUMENT_KEY = "Its path in the source"
SINCE, UNTIL, DATE_HELP = "From", "Until", "A day such as 2026-01-31, or a moment; UTC."
TEXT, TEXT_HELP = "Holds", "What stands anywhere in the entry."
SHOW, OLDER, NEWEST = "Show", "Older", "Newest"
NO_ENTRIES, NO_ENTRIES_HINT = "No such entries", "Leave some of the fields empty, or look at older ones."
COLUMNS = ("", "When (UTC)", "Who", "What", "Outcome", "Details")
ERASED, UNREADABLE = "erased person", "unreadable"
EXPORT, DOWNLOAD = "Make an export", "Download the export"
CHECK, HEAD = "Check the record", "Number and digest that were kept elsewhere"
HEAD_HELP = "What an earlier check, or `assistant audit head`, said; may stay empty."
GOOD = "The record holds: nothing in it was changed"
BAD = "The record does not hold"


def who(entry: Entry) -> str:
    """Name who did it, and from where."""
    name = ERASED if entry.erased else entry.who or UNREADABLE
    return f"{name} ({entry.place})" if entry.place else name


def told(entry: Entry) -> str:
    """Say what else is known of an entry."""
    subject = ERASED if entry.subject_erased else entry.subject
    parts = [f"to {subject}"] if subject else []
    parts += [f"{name.replace('_', ' ')} {value}" for name, value in entry.told]
    if entry.documents and not any(name == "key" for name, _ in entry.told):
        parts.append(count(entry.documents, "document"))
    return ", ".join([*parts, *([entry.unreadable] if entry.unreadable else [])])


def verdict(found: Verdict) -> str:
    """Say what a check found."""
    parts = []
    if found.broken is not None:
        parts.append(f"Entry {found.broken}: {found.why}.")
    elif found.entries:
        parts.append(f"{found.entries:,} entries from {found.first} on were checked.")
    if found.seal not in {"good", "none"}:
        parts.append(f"The seal does not hold: {found.seal}.")
    if found.seal_breaks:
        parts.append(f"The seal did not hold before: {', '.join(map(str, found.seal_breaks))}.")
    parts.append(f"Keep this elsewhere for the next check: {found.head}")
    return " ".join(parts)

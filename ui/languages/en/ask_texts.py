"""The English texts on asking: what is read, what it would take, what is attached, what could be asked, keys."""

from __future__ import annotations

from collections.abc import Sequence

from ui.languages.en.texts import count
from ui.models import Plan

# what is read
SOURCES, SOURCES_ALL = "Sources", "All sources"
FOLDERS, FOLDERS_ALL = "Folders", "All folders"
FOLDERS_HELP = "Choose a folder or write its path, such as hr/policies."
TYPES, TYPES_ALL = "File types", "All types"
SINCE, UNTIL = "Changed from", "Changed until"
DATES_HELP = "Documents that say nothing of their date are not read then."
RESET = "Read everything again"
OWN_UPLOADS = "My uploads"
DATES_ODD = "The first day is after the last one, so nothing can lie between them."
ABOUT = "Asking about"
ABOUT_DROP = "Stop asking about this document alone"
ASK_ABOUT = "Ask about this document"
NARROWED = "The scope below is not used while single documents are asked about."

# estimates
ESTIMATE = "What would be read?"
ESTIMATING = "Planning"
ESTIMATE_HELP = "Plans the question in the field without asking it. With an empty field, counts what is in the scope."
ESTIMATE_OLD = "The choices have changed since: estimate again."

# attachments
UNASKED, UNASKED_DROP = "Say in words what you want to know of", "Do not ask about this file"
TAKING, TAKING_HINT = "Taking in your files", "They are private to you, and kept under Documents as your uploads."
UPLOAD_STATES = {"sending": "being sent", "waiting": "being read", "indexed": "ready", "failed": "failed"}
NOT_TAKEN = "Not all files could be read"
ASK_WITHOUT, DROP_QUESTION = "Ask without them", "Do not ask"
REPLACED = "in the place of your former file of this name"
BACK_TO_QUESTION = "Back to it"
NOT_TAKEN_ANY = "None of the files could be read"

# suggestions
GO_ON = "Ask next"

# keys
KEYS = "Keyboard shortcuts"
KEY_FOCUS, KEY_STOP, KEY_NEW = "Go to the question", "Stop the answer", "New chat"
KEY_EDIT, KEY_HELP = "Edit the last question, in the empty field", "Show this list"
KEY_SEND, KEY_LINE = "Send the question", "New line"

# the first start
STEPS_NAME = "Three steps"
STEPS = ("Add documents", "They are read", "Ask")
WAY, WAY_FOLDER, WAY_FILES = "Where are they?", "In a folder of this machine", "On my computer"
FILES, FILES_HELP = "Files", "PDF, Office, text, mail, pictures of text, archives. They are private to you."
BRING = "Bring these files"
BRING_OWN = "Or bring files of your own: nobody else sees them."
NO_FILES = "Choose at least one file."
READING = "Your documents are being read"
ADD_MORE = "Add more"


def replaced(names: Sequence[str]) -> str:
    """Name the files that took the place of others."""
    return f"In the place of your former files of the same name: {', '.join(names)}."


def waits_elsewhere(question: str) -> str:
    """Name a question of another chat that waits for its files."""
    return f"\u201c{question}\u201d waits in another chat for its files."


def only_these(documents: int) -> str:
    """Say that single documents are asked about."""
    return "This document" if documents == 1 else f"These {count(documents, 'document')}"


def changed(since: str, until: str) -> str:
    """Say in which time documents were changed; either day may be empty."""
    if since and until:
        return f"{since} to {until}"
    return f"since {since}" if since else f"until {until}"


def folders(paths: Sequence[str]) -> str:
    """Name the chosen folders, short."""
    return paths[0] if len(paths) == 1 else count(len(paths), "folder")


def held(name: str, documents: int) -> str:
    """Return a choice with how many documents it holds."""
    return f"{name} ({documents:,})"


def within(documents: int, tokens: int) -> str:
    """Say how much there is in the scope."""
    if not documents:
        return "There is nothing to read in this scope."
    return f"In this scope: {count(documents, 'document')}, about {count(tokens, 'token')}."


def would_read(plan: Plan) -> str:
    """Say what an answer would read, e.g. `Would read 3 passages from 2 documents, 412 of 10,000,000 tokens.`"""
    holders = len({(item.document.source, item.document.key) for item in plan.passages})
    whole = f"{count(len(plan.documents), 'document')} whole" if plan.documents else ""
    parts = f"{count(len(plan.passages), 'passage')} from {count(holders, 'document')}" if plan.passages else ""
    read = " and ".join(filter(None, (whole, parts)))
    if not read:
        return "Nothing to answer this question from was found."
    left = f"; {count(len(plan.left_out), 'document')} would not fit" if plan.left_out else ""
    return f"Would read {read}: {plan.tokens:,} of {plan.budget:,} tokens{left}."


def no_room(plan: Plan) -> str:
    """Say why documents were left out."""
    free = max(0, plan.budget - plan.tokens)
    return f"There was no room for them: {free:,} of {plan.budget:,} tokens were free."


def question(title: str, heading: str, index: int) -> str:
    """Return a question on a section of the document `title`, or on the whole of it; a heading may be one already."""
    if heading.endswith("?"):
        return heading
    if heading:
        return f"What does \u201c{title}\u201d say about \u201c{heading}\u201d?"
    forms = ("What does \u201c{}\u201d say?", "What are the main points of \u201c{}\u201d?")
    return forms[index % len(forms)].format(title)


def file_failed(name: str, error: str) -> str:
    """Say why a file was not taken."""
    return f"{name}: {error}" if name and name not in error else error


def brought(number: int) -> str:
    """Say that files are being read."""
    return f"{count(number, 'file')} taken. What is in them can be asked in a moment."

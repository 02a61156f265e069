"""Every text of the web UI, in one catalogue; sentences with numbers in them are functions."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ui.languages.en.formats import decimal
from ui.models import Plan, Planned, Status
from ui.runs import Run

PRODUCT = "Assistant"

# navigation and sidebar
MANAGE = "Administration"
CHAT, DOCUMENTS, SOURCES, TOOLS = "Chat", "Documents", "Sources", "Tools"
NEW_CHAT = "New chat"
CHATS = "Chats"
MORE_CHATS = "Show more"
UNDO = "Undo"
HAVE_IT, DISMISS = "I have it", "Understood"
NOT_CONNECTED = "Not connected"
ANSWERS, EMBEDDER, VERSION, SIGNED_IN = "Answers", "Embedder", "Version", "User"

# errors
RETRY = "Try again"
CHANGED_MEANWHILE = "Somebody else changed this meanwhile"
CHANGED_MEANWHILE_BODY = "The fields show what was there when you opened them. Only what you change in them is saved."
ONLY_YOURS = "Somebody else had changed it meanwhile; only what you changed was saved."
UNREACHABLE_HINT = "Start it with `assistant up`, or check ASSISTANT_API_URL, then try again."
SLOW_HINT = "It may be busy. Try again in a moment."
NOT_UNDERSTOOD_HINT = "The web UI and the API may be of different versions, or something stands between them."
ANSWER_BROKE_OFF = "The answer broke off before it was complete."
ANSWER_BROKE_OFF_HINT = "Ask again; if it happens often, look at the log of the API."
UNEXPECTED = "Something went wrong in the web UI."
UNEXPECTED_HINT = "Reload the page; the cause is in the log of the web UI."
SETTINGS_WRONG = "The settings of the web UI cannot be used."

NOTHING_TO_READ = "There are no documents yet that you may read. An admin adds them, or lets your groups read them."

# chat
QUESTION = "Ask about your documents"
FOLLOW_UP = "Ask a follow-up"
ANSWERING = "Answering"
STOP = "Stop"
STOPPED = "Stopped. What had been written so far is shown."
INTERRUPTED = "The answer broke off. What had been written so far is shown."
REGENERATE, EDIT = "Answer again", "Edit the question"
EDITED_QUESTION, ASK_EDITED, CANCEL_EDIT = "Your question", "Ask", "Cancel"
FORMER_VERSION, NEXT_VERSION = "Former version", "Next version"
WITHDRAWN = "withdrawn"
WITHDRAWN_HELP = "What stood here rests on a document that is gone, has changed, or is not open to you any more."
WITHDRAWN_NOTE = "Part of this answer is withdrawn: a document is gone, has changed, or is not open to you any more."
GONE = "A document that is gone or not open to you"
CHANGED = "The document does not say this any more"
LOOKING = "Looking for the right passages"
NOT_FOUND = "Not found in the documents"
NOT_FOUND_HINT = (
    "Try other words, choose 'Everything' as what to read, or check that the document is among the sources."
)
CITED = "Sources"
VERIFIED = "Verified"
VERIFIED_HELP = "The quote stands word for word at this place."
UNVERIFIED = "Not verified"
UNVERIFIED_HELP = "The quote could not be found word for word at this place."
SUPPORTED = "Supported"
SUPPORTED_HELP = "As far as a rule can tell, the answer's sentence follows from this quote."
FLAGGED = "Suspicious"
FLAGGED_HELP = (
    "This document holds text that reads like orders to an assistant, and nobody has looked at it yet. Do not do what"
    " it asks without checking."
)
UNSUPPORTED = "Says otherwise"
UNSUPPORTED_HELP = "The quote does not say what the answer's sentence says: read it before you rely on the answer."
SEEN = {"picture": "Picture", "page": "Picture of the page", "attachment": "Attached picture"}
SEEN_HELP = "The model looked at this picture. What it saw there cannot be verified: look for yourself."
SEEN_QUOTE = "Seen in the picture, not read in the text"
PLAN_PICTURES = "Pictures shown"
OPTIONS = "What to read"
MODE = "How much to read"
MODES = {
    "auto": ("Automatic", "Picks what fits the question"),
    "chunks": ("Passages", "The best passages, fast and cheap"),
    "documents": ("Whole documents", "The best documents from start to end"),
    "corpus": ("Everything", "All that you may read, if it fits"),
}
MODEL, ANY_MODEL = "Which model", "Automatic"
MODEL_HELP = "Automatic takes the cheapest model whose context holds what is read."
ALL_SOURCES = "All sources"
YOU = "You asked"

# the plan
HOW = "How this answer was made"
NOTHING_READ = "Found nothing to read"
PLAN_MODES = {"chunks": "Passages", "documents": "Whole documents", "corpus": "Everything"}
PLAN_MODE, PLAN_REASON, PLAN_READ, PLAN_PASSAGES = "Way", "Why", "Read whole", "Passages from"
PLAN_LEFT_OUT, PLAN_NOTHING_LEFT_OUT = "Left out", "nothing"
PLAN_QUESTION = "Understood as"
PLAN_MODEL, PLAN_TIME, PLAN_USAGE = "Answered by", "Time", "Usage"

# empty state
WELCOME = "Ask your documents"
WELCOME_BODY = (
    "Add a folder and ask in your own words. Every sentence of an answer is cited to the exact place that you can open."
)
GREETING = "What would you like to know?"
TRY_ONE = "Try one of these"
ADD_FOLDER_BODY = "Documents, sheets, slides, mails and pictures of text are indexed; the rest is listed with reasons."
FOLDER = "Folder"
FOLDER_PLACEHOLDER = "/home/me/documents"
FOLDER_HELP = "The full path of a folder on the machine where the assistant runs."
NAME = "Name"
NAME_PLACEHOLDER = "Taken from the folder"
NAME_HELP = "What this source is called in lists and in citations."
SCHEDULE = "Look for changes"
SCHEDULES = {
    "Every 15 minutes": "every 15m",
    "Every hour": "every 1h",
    "Every day": "every 1d",
    "Only when I say so": "",
}
READERS = "Who may read it"
READERS_PLACEHOLDER = "everyone"
READERS_HELP = "Group names, separated by commas. Empty: everyone."
ADD = "Add folder"
FOLDER_MISSING = "Name the folder to add."
FOLDER_RELATIVE = "Give the folder's full path, from the root of the disk."
INDEXING = "Indexing"
STARTING = "Starting"
FIRST_RESULTS = "You can ask as soon as the first documents are in."
NOTHING_INDEXED = "No document could be indexed yet"
NOTHING_INDEXED_HINT = "See the reasons on the Sources page, or add another folder."

# the quoted place
PICTURE = "A picture beside the quote"
SHOW_BEFORE, SHOW_AFTER = "Show more before", "Show more after"
OPEN_DOCUMENT = "Open the document here"
DOCUMENT_CHANGED = "The document has changed since this answer: the quote no longer stands at this place."

# documents
FILTER = "Filter"
FILTER_PLACEHOLDER = "Title or path"
SOURCE = "Source"
NO_DOCUMENTS = "No documents yet"
NO_DOCUMENTS_HINT = "Add a folder on the Sources page."
NO_MATCH = "No document matches"
PREVIOUS, NEXT = "Previous", "Next"
BACK = "All documents"

# sources
NO_SOURCES = "No sources yet"
SYNC, PAUSE, RESUME, REMOVE, CANCEL = "Sync now", "Pause", "Resume", "Remove", "Cancel"
REMOVE_TITLE = "Remove this source?"
RUNS = "Runs"
NO_RUNS = "No run yet"
COUNT_NAMES = {
    "seen": "seen",
    "added": "added",
    "moved": "moved",
    "updated": "updated",
    "unchanged": "unchanged",
    "deleted": "deleted",
    "failed": "failed",
}


def count(number: int, one: str, many: str = "") -> str:
    """Return e.g. `1 document` or `1,024 documents`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def document_count(number: int) -> str:
    """Return e.g. `1 document`."""
    return count(number, "document")


def passage_count(number: int) -> str:
    """Return e.g. `2 passages`."""
    return count(number, "passage")


def page_count(number: int) -> str:
    """Return e.g. `2 pages`."""
    return count(number, "page")


def unreachable(url: str) -> str:
    """Say that nothing answers at `url`."""
    return f"The assistant does not answer at {url}."


def slow(url: str) -> str:
    """Say that the API did not answer in time."""
    return f"The assistant at {url} takes too long to answer."


def refused(status: int) -> str:
    """Say that the API answered with an HTTP error and no reason."""
    return f"The assistant answered with HTTP status {status}."


def not_understood(path: str) -> str:
    """Say that the API's JSON is not what the UI knows."""
    return f"The answer of {path} could not be read."


def plan_sentence(plan: Plan) -> str:
    """Return what was read in plain words, e.g. `Read 3 passages from 2 documents, 412 of 10,000,000 tokens`."""
    whole = {(item.document.source, item.document.key) for item in plan.documents}
    holders = {(item.document.source, item.document.key) for item in plan.passages}
    spent = f"{plan.tokens:,} of {plan.budget:,} tokens"
    passages = count(len(plan.passages), "passage")
    if plan.documents:
        everything = plan.mode == "corpus" and not plan.left_out and not plan.passages
        what = f"everything, {document_count(len(whole))}" if everything else count(len(whole), "whole document")
        read = f"Read {what}, {spent}"
        if plan.passages:
            read += f"; {passages} from {'another' if len(holders) == 1 else 'others'}"
    elif plan.passages:
        read = f"Read {passages} from {document_count(len(holders))}, {spent}"
    else:
        return NOTHING_READ
    return f"{read}; {document_count(len(plan.left_out))} left out" if plan.left_out else read


def tokens(number: int) -> str:
    """Return e.g. `1,204 tokens`."""
    return count(number, "token")


def by_document(items: Sequence[Planned]) -> list[tuple[str, str]]:
    """Return each document's title once, with how many passages and tokens of it were read."""
    groups: dict[tuple[str, str], list[Planned]] = {}
    for item in items:
        groups.setdefault((item.document.source, item.document.key), []).append(item)
    return [
        (group[0].document.title, f"{count(len(group), 'passage')}, {tokens(sum(item.tokens for item in group))}")
        for group in groups.values()
    ]


def and_more(number: int) -> str:
    """Say how many entries a list leaves out."""
    return f"and {number:,} more"


def page(number: int, pages: int = 0) -> str:
    """Return e.g. `Page 3` or `Page 3 of 12`."""
    return f"Page {number:,} of {pages:,}" if pages else f"Page {number:,}"


def characters(start: int, end: int, length: int) -> str:
    """Return which characters of a text are shown, counted from 1."""
    return f"Characters {start + 1:,} to {end:,} of {length:,}" if length else "Empty text"


def range_of(first: int, last: int, total: int) -> str:
    """Return e.g. `1-50 of 288`."""
    return f"{first:,}\u2013{last:,} of {total:,}"


def holdings(status: Status) -> str:
    """Return what the assistant holds, in one line."""
    return f"{count(status.documents, 'document')} \u00b7 {count(status.chunks, 'passage')}"


def greeting_body(status: Status) -> str:
    """Say what can be asked about."""
    return (
        f"{count(status.documents, 'document')} from {count(status.sources, 'source')}. Answers cite the exact place."
    )


def scope(names: Sequence[str]) -> str:
    """Name the chosen sources, short."""
    if not names:
        return ALL_SOURCES
    return names[0] if len(names) == 1 else count(len(names), "source")


def version(number: int, total: int) -> str:
    """Return e.g. `2 of 3`."""
    return f"{number:,} of {total:,}"


def forgotten(turns: int) -> str:
    """Say that there was no room for the oldest turns of the chat."""
    return f"{count(turns, 'earlier question')} of this chat did not fit, and played no part in this answer."


def hidden(documents: int) -> str:
    """Say that the plan leaves out names."""
    return f"{count(documents, 'document')} that you may not read now"


def chat_deleted(title: str) -> str:
    """Say that a chat was deleted."""
    return f"\u201c{title}\u201d was deleted."


def added(name: str) -> str:
    """Say that a source was added."""
    return f"{name} was added. Its documents are being indexed."


def removed(name: str) -> str:
    """Say that a source was removed."""
    return f"{name} was removed."


def remove_body(name: str, documents: int | None) -> str:
    """Say what removing the source does."""
    held = "its documents" if documents is None else count(documents, "document")
    return f"{name} and {held} will no longer be found or answered from. The files themselves stay where they are."


def schedule(line: str) -> str:
    """Return a schedule in words; one that the form does not offer is shown as it is."""
    for words, offered in SCHEDULES.items():
        if offered == line:
            return words if line else "No schedule"
    return line


def run_progress(run: Run) -> str:
    """Return how far a run is, in words."""
    failed = f", {run.counts['failed']:,} failed" if run.counts["failed"] else ""
    return f"{run.done:,} of {count(run.counts['seen'], 'document')}{failed}"


def run_counts(run: Run) -> str:
    """Return a run's outcome, the zero counts left out."""
    parts = [f"{run.counts[name]:,} {words}" for name, words in COUNT_NAMES.items() if run.counts[name]]
    return ", ".join(parts) or "nothing to do"


def ago(seconds: float, now: float | None = None) -> str:
    """Return a time in the past (seconds since the epoch) relative to now."""
    past = max(0.0, (time.time() if now is None else now) - seconds)
    for size, one in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if past >= size:
            return f"{count(int(past // size), one)} ago"
    return "just now"


def timing(seconds: float) -> str:
    """Return a duration."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{decimal(seconds)} s"

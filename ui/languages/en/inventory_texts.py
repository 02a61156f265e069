"""The texts of the pages of documents, beside those of `texts`."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.inventory import Block, Chunk, Known, Warned
from ui.languages.en.texts import ago, count

SHOW = "Show"
SCOPES = {"mine": "What I may read", "all": "All documents of the sources"}
SCOPES_HELP = "All documents are shown by name, type and state. To read one takes a grant."
TYPE, ANY_TYPE = "Type", "All types"
STATE, ANY_STATE = "State", "Any state"
STATES = {"current": "Up to date", "waiting": "In work", "failed": "Failed", "flagged": "Suspicious"}
NO_MATCH_HINT = "Shorten the filter, or choose another source, type or state."
NOT_YOURS = "Not yours to read"
NOT_YOURS_BODY = (
    "You look after the source of this document, and that opens none of it. What is known of it beside its text is"
    " below."
)

TABS = {
    "text": "Text",
    "page": "Page",
    "blocks": "Blocks",
    "chunks": "Chunks",
    "about": "About",
    "readers": "Readers",
    "history": "History",
}
PART = "What of it"
KINDS = {
    "heading": "Heading",
    "text": "Text",
    "table": "Table",
    "image": "Picture",
    "code": "Code",
    "notice": "The reader's own word",
}
NO_BLOCKS = "The reader of this format found no blocks: the text is taken as it stands."
NO_CHUNKS = "The index holds no chunk of the current version."
NO_PAGES = "Documents of this type have no pages to look at."
PAGE, DRAWING = "Page", "Drawing the page and finding its blocks"
NOT_PLACED = "This page is printed by LibreOffice: where its blocks stand on it cannot be told."
PAGE_ALT = "The page, with a box in the colour of its kind around each block"
BOXES = "Show the boxes"
CHUNK_HELP = "As the index holds them: what a search finds, and what is put before a model."
CAPTIONS, TABLE_HEADER = "Described", "Table header"

# about
TITLE, KEY, SOURCE, MEDIA_TYPE, SIZE, AUTHORS, CREATED, MODIFIED, LANGUAGE, URI, UPDATED, VERSION, INSIDE, MEMBERS = (
    "Title",
    "Key",
    "Source",
    "Type",
    "Size",
    "Authors",
    "Created",
    "Changed",
    "Language",
    "Original",
    "Taken in",
    "Version",
    "Is in",
    "Holds",
)
READERS, READERS_FROM, FROM_SOURCE, FROM_RULE = "May read it", "Who says so", "the source", "the source's rule here"
BUT_NOT = "But not"
NOBODY = "nobody"
WHY = "Why may this person read it?"
WHO, WHO_PLACEHOLDER = "Person or group", "ann, or group:hr"
LOOK = "Look"

# injection
SUSPICIOUS_TITLE = "It reads like orders to an assistant"
REVIEWED = "I looked at it: let it pass"
REVIEW_DONE = "Nobody is warned of it any more, until its content changes."
SIGNS = {
    "override": "tells to ignore instructions",
    "addressed": "speaks to an assistant",
    "answer": "says what to answer",
    "role": "pretends to be a part of the prompt",
    "send": "tells to send something",
    "address": "leads out by an address",
    "tool": "names tools to call",
    "secrecy": "asks to keep it quiet",
    "unseen": "has signs that no reader sees",
    "hidden": "hides such words",
}
NO_SIGNS = "Nothing in it reads like orders to an assistant."

# history
RUNS, RUNS_HELP = "Runs of its source", "Each looked whether this document has changed."
FAILURES, NO_FAILURES = "Runs that could not take it in", "None is recorded."

# what is done with it
INGEST, INGEST_HELP = "Take in again", "Fetches this document alone and makes it anew, though nothing changed."
INGEST_DONE = "It is fetched and made anew; this takes a moment."
DELETE = "Delete"
DELETE_TITLE = "Delete this document?"
DELETE_BODY = (
    "Its text, its pictures and its chunks go now, with all documents that are in it; answers that cited it show that"
    " it is gone. The original stays where it is. It comes back with the next sync that lists it, unless it is removed"
    " from the source, or the source's settings leave it out, before."
)
DELETE_DONE = "It is being deleted."

# break-glass
OPEN, OPEN_TITLE = "Open by break-glass", "Open this document to me"
OPEN_BODY = (
    "No grant lets you read it. You can open it, with what is in it, to yourself for a while. Who opened it, when and"
    " why is kept, and auditors see it."
)
REASON, REASON_PLACEHOLDER = "Why you have to read it", "The works council asked for the list of 12 March"
REASON_HELP = "At least ten characters; it is kept, and auditors see it."
REASON_SHORT = "Say why in ten characters or more."
MINUTES, MINUTES_HELP = "Minutes", "At most an hour. It ends by itself."
OPEN_NOW, END_NOW = "Open it", "End it now"
OPENED, ENDED = "It is open to you.", "It is closed to you again."


def type_of(media_type: str, documents: int) -> str:
    """Return a type with how many documents are of it."""
    return f"{media_type} ({documents:,})"


def sizes(known: Known) -> str:
    """Say how long a document is."""
    parts = [count(known.pages, "page")] if known.pages else []
    parts += [count(known.chunks, "passage"), count(known.characters, "character"), count(known.tokens, "token")]
    return ", ".join(parts)


def length(known: Known) -> str:
    """Say how long a document is, in a word."""
    return count(known.pages, "page") if known.pages else count(known.chunks, "passage")


def members(number: int) -> str:
    """Say how many documents are in one."""
    return count(number, "document") if number else ""


def work(known: Known) -> tuple[str, str]:
    """Say what is to be done on a document, or failed."""
    one = known.work
    if one is None:
        return "", ""
    if one.state != "failed":
        return {"delete": "It is being deleted.", "rewrite": "It is being made anew."}.get(one.action, "In work."), ""
    again = "It rests until its content changes." if one.ignored else "It is not tried again by itself."
    if one.next_try is not None and not one.ignored:
        again = f"It is tried again {_soon(one.next_try)}."
    return one.error, again


def warned(one: Warned) -> str:
    """Say what was met in a document that reads like orders, and who looked at it."""
    found = [sign(name, number) for name, number in sorted(one.signs.items())]
    looked = f" {one.reviewed_by} looked at it {ago(one.reviewed_at)}." if one.reviewed_at is not None else ""
    return f"Score {one.score:.2f}: {'; '.join(found) or 'no single sign'}.{looked}"


def sign(name: str, number: int) -> str:
    """Return a sign in words."""
    if name.startswith("hidden:"):
        return f"{count(number, 'character')} that no reader sees ({name.removeprefix('hidden:').replace('_', ' ')})"
    return f"{SIGNS.get(name, name)} ({number}\u00d7)" if number > 1 else SIGNS.get(name, name)


def block(one: Block) -> str:
    """Return the head of a block."""
    level = f" {one.level}" if one.level else ""
    page = f", page {one.page:,}" if one.page is not None else ""
    return f"{KINDS.get(one.kind, one.kind)}{level}{page}, characters {one.start:,} to {one.end:,}"


def chunk(one: Chunk) -> str:
    """Return the head of a chunk."""
    page = f", page {one.page:,}" if one.page is not None else ""
    return f"{one.ordinal + 1:,} \u00b7 {count(one.tokens, 'token')}{page}, characters {one.start:,} to {one.end:,}"


def opened(until: float, zone: str) -> tuple[str, str]:
    """Return the banner above a document that is open by break-glass, with the time in this zone."""
    when = f"{datetime.fromtimestamp(until, ZoneInfo(zone)):%H:%M}"
    return (
        f"Open by break-glass until {when}",
        "No grant lets you read this document. That you opened it, and why, is kept.",
    )


def _soon(moment: float) -> str:
    wait = max(0.0, moment - time.time())
    return f"in about {count(max(1, round(wait / 60)), 'minute')}" if wait < 5400 else f"in {wait / 3600:.0f} hours"

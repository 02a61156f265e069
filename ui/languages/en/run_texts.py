"""The texts about runs: their progress, where their time goes, and what could not be indexed."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.languages.en.texts import count
from ui.runs import OpenFailure, Run

RUNS = "Runs"
SOURCE, ALL_SOURCES = "Source", "All sources"
STATE, ALL_STATES = "State", "All states"
PERIOD = "Begun"
PERIODS = {"always": "At any time", "day": "Last 24 hours", "week": "Last 7 days", "month": "Last 30 days"}
STATES = {
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "cancelled": "Cancelled",
}
NO_MATCH, NO_MATCH_HINT = "No run matches", "Take a filter away, or choose a longer time."
TRIGGERS = {
    "api": "asked for in the web UI or over the API",
    "cli": "asked for at the command line",
    "schedule": "by its schedule",
    "retry": "failures tried again",
    "upload": "after an upload",
    "watch": "after a change in the folder",
    "removal": "removal of the source",
}
LISTING, INDEXING, CANCELLING = "Listing", "Indexing", "Ends after the documents that it is at"
CANCEL, CANCEL_HELP = "Cancel this run", "It ends after the documents that it is at; the next run does what is left."
PASSAGES, FETCHED, PACE = "passages", "fetched", "pace"
PHASES = "Where the time went"
PHASES_HELP = "Working time by phase, added up over all workers."
PHASE_NAMES = {
    "list": "List",
    "fetch": "Fetch",
    "parse": "Parse",
    "embed": "Embed",
    "write": "Write to the index",
}
ERROR_HINTS = {
    "failed": "Look at the settings of the source, then try again.",
    "interrupted": "Try again: what was done already is not done twice.",
}
MEND, MEND_SECRET = "Look at the source's settings", "Give the sign-in again"
RETRY_SYNC = "Try again"
FAILURES = "What could not be indexed"
RETRY_ALL, RETRY_ONE, IGNORE_ONE = "Try all again", "Try again", "Let it rest"
IGNORE_HELP = "It is not counted as a failure any more, until its content changes."
DOWNLOAD = "Download as CSV"
OTHER_CAUSE, OTHER_ADVICE = "Other causes", "Each document says why; try again, or mend it at the source."
CAUSES = {
    "DocumentUnreadableError": (
        "The source does not hand them out",
        "Give the account that signs in the right to read them, then try again.",
    ),
    "DocumentChangedError": ("They changed while they were read", "Try again: usually it works at the second time."),
    "UnsupportedFormatError": (
        "No parser reads their type",
        "Save them in another format at the source, enable a plugin for the type, or let them rest.",
    ),
    "EmptyDocumentError": (
        "No text was found in them",
        "Scans need text recognition: check that it is installed. Else let them rest.",
    ),
    "EncryptedDocumentError": (
        "They ask for a password",
        "Add their passwords in the source's settings, then try again.",
    ),
    "DamagedDocumentError": ("They are damaged", "Open and save them anew at the source; the next run reads them."),
    "DocumentTooLargeError": ("They are too large", "Raise the limit in the source's settings, or let them rest."),
    "ParserCrashedError": (
        "Reading them took too much time or memory",
        "Try again when less is going on, raise the parser's limits, or let them rest.",
    ),
    "WorkerLostError": ("A worker ended while it had them", "Try again; look at the worker's log if it comes back."),
    "SourceUnreachableError": ("The source did not answer", "They are tried again by themselves, or try now."),
    "IndexUnavailableError": ("The index did not answer", "They are tried again by themselves, or try now."),
    "StorageFullError": ("The disk is full", "Make room on the server, then try again."),
}


def state(run: Run) -> str:
    """Return a run's state in words."""
    if run.running:
        return "Ending" if run.cancelled else STATES["running"]
    if run.state == "done" and run.counts["failed"]:
        return f"Done, {run.counts['failed']:,} failed"
    return STATES.get(run.state, run.state)


def trigger(name: str) -> str:
    """Say who or what asked for a run."""
    return TRIGGERS.get(name, name)


def title(run: Run) -> str:
    """Name a run."""
    return f"Run of {run.source}"


def began(seconds: float, zone: str) -> str:
    """Return when a run began, in seconds since the epoch, as a date and a time of the zone."""
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%d %b %Y, %H:%M}"


def took(seconds: float) -> str:
    """Return a length of time."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def phase(run: Run) -> str:
    """Say what a run is doing."""
    if run.cancelled:
        return "Ending"
    return LISTING if run.listing else INDEXING


def pace(run: Run) -> str:
    """Return how far a run is: counts, pace and time left."""
    if run.listing:
        return "finding out what is new"
    jobs = run.worked + run.pending
    parts = [f"{run.worked:,} of {count(jobs, 'document')}" if jobs else f"{count(run.done, 'document')}"]
    if run.counts["failed"]:
        parts.append(f"{run.counts['failed']:,} failed")
    rate = run.per_minute(time.time())
    if rate is not None:
        parts.append(per_minute(rate))
    if run.seconds_left is not None:
        parts.append(f"about {took(run.seconds_left)} left")
    return ", ".join(parts)


def per_minute(rate: float) -> str:
    """Return documents a minute."""
    return f"{rate:,.0f} a minute" if rate >= 10 else f"{rate:.1f} a minute"


def size(number: int) -> str:
    """Return bytes in words."""
    for unit, worth in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= worth:
            return f"{number / worth:.1f} {unit}"
    return f"{number} bytes"


def to_source(name: str) -> str:
    """Name the way to the source."""
    return f"Source {name}"


def retried(name: str) -> str:
    """Say that a source is synced again."""
    return f"{name} is tried again."


def failing_so_far(number: int) -> str:
    """Say how many failed so far."""
    return f"{count(number, 'document')} could not be indexed so far; they are listed when the run has ended."


def documents(number: int) -> str:
    """Count documents."""
    return count(number, "document")


def retry(number: int) -> str:
    """Name the button that tries the documents of a cause again."""
    return f"Try {number:,} again" if number else "Nothing left to try"


def ignore(number: int) -> str:
    """Name the button that lets the documents of a cause rest."""
    return f"Let {number:,} rest" if number else "Nothing left"


def retrying(number: int) -> str:
    """Say that documents are tried again."""
    return f"{count(number, 'document')} {'is' if number == 1 else 'are'} tried again."


def ignored(number: int) -> str:
    """Say that documents rest."""
    return f"{count(number, 'document')} {'rests' if number == 1 else 'rest'} until the content changes."


def now(failure: OpenFailure | None, zone: str) -> str:
    """Say how it is with a document that failed in a run; times are of the zone."""
    if failure is None:
        return "Settled since: indexed, or gone from the source."
    if failure.ignored:
        return "Rests until its content changes."
    if failure.next_try is not None:
        return f"Is tried again by itself at {datetime.fromtimestamp(failure.next_try, ZoneInfo(zone)):%H:%M on %d %b}."
    return "Not tried again before something changes."


NOT_KNOWN = "Too many to look up: how it is now is not known here."
RETRYING_ALL = "All that failed of this source is tried again."


def not_looked_up(listed: int, count: int) -> tuple[str, str]:
    """Say that more failed of a source than can be looked up."""
    return (
        f"{count:,} documents of this source could not be indexed; {listed:,} of them are looked up",
        "To try all again tries every one of them. Mend the most frequent cause first.",
    )


def more(number: int) -> str:
    """Say how many are not shown."""
    return f"and {number:,} more: the file has all of them"


def file_name(run: Run) -> str:
    """Name the file of a run's failures."""
    return f"failures-{run.source}-{datetime.fromtimestamp(run.started_at).astimezone():%Y-%m-%d}.csv"

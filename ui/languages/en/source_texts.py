"""The texts about data sources, their states, settings and tests."""

from __future__ import annotations

from ui.languages.en.texts import count
from ui.runs import Sampled, Trial

ADD_SOURCE, ALL_RUNS = "Add a source", "All runs"
NO_SOURCES_HINT = "Add a folder, a web site or another source: what is in it can then be asked for."
FIND, FIND_PLACEHOLDER = "Find a source", "Part of its name"
KIND, ALL_KINDS, STATE = "Kind", "All kinds", "State"
NO_MATCH, NO_MATCH_HINT = "No source matches", "Take a filter away, or look for a shorter part of the name."
NO_KINDS, NO_KINDS_HINT = "No kinds of sources can be added", "Enable a plugin that reads documents."
GONE_HINT = "It may have been removed, or be looked after by somebody else."
CONDITIONS = {
    "failing": "Failing",
    "partial": "Listed in part",
    "first": "First run",
    "running": "Running",
    "never": "Never run",
    "paused": "Paused",
    "removing": "Being removed",
    "healthy": "Healthy",
}
KIND_NAMES = {
    "confluence": "Confluence",
    "feed": "News feed (RSS, Atom)",
    "folder": "Folder on the server",
    "git": "Git repository",
    "github": "GitHub",
    "gitlab": "GitLab",
    "google_drive": "Google Drive",
    "imap": "Mailbox (IMAP)",
    "jira": "Jira",
    "llamaindex": "LlamaIndex reader",
    "s3": "Bucket (S3)",
    "sharepoint": "SharePoint, OneDrive",
    "slack": "Slack",
    "sql": "Database (SQL)",
    "uploads": "Uploads of a person",
    "web": "Web site",
    "webdav": "WebDAV, Nextcloud",
}
NO_SUCCESS = "no successful run known"
ASKED = "Waiting for a worker"
FULL_SYNC, FULL_SYNC_HELP = "Read everything anew", "Fetches every document again, whatever the source says of changes"
FULL_SYNC_TITLE = "Fetch every document of this source again?"
FULL_SYNC_BODY = (
    "A sync fetches what the source says has changed. This one fetches every document and compares it with what is "
    "here: it finds what was missed, and takes about as long as the first sync. Answers keep working meanwhile, and a "
    "document with the same content is not indexed again."
)
PARTIAL_HINT = "What was listed until then is read; the next run goes on there."
MEND = "Look at its settings"
LOOK_HERE = "The source refuses the sign-in: fill this in again."
FOLLOW_RUN = "Follow this run"
VIEW = "What to show"
VIEWS = {"runs": "Runs", "settings": "Settings", "schedule": "Schedule", "readers": "Who may read"}
FOR_GOOD = "This cannot be undone here: adding it again reads everything anew."
NOT_EDITED = "This source is not changed by hand"
NOT_EDITED_HINT = "It comes with the files that people upload, or its plugin is not there."
TRYING = "Asking the source"
PACE, PACE_HELP = "Pace", "Go easy on a server that is slow. Empty: as fast as it goes."
AT_ONCE, PER_MINUTE = "Documents at once", "Documents a minute"
PASSWORDS, PASSWORD = "Passwords of encrypted documents", "Another password"
ADD_PASSWORD, FORGET = "Add password", "Forget all of them"
FORGET_TITLE = "Forget these passwords?"
FORGET_BODY = "Documents that need them are not read any more when they change. What is indexed stays."
READERS_RULES = "Other readers for some of its documents"
READERS_TEST = "Test shows for the first documents who would read them."


def kind_name(kind: str) -> str:
    """Return what a kind of source is called."""
    return KIND_NAMES.get(kind, kind)


def documents(number: int) -> str:
    """Count documents."""
    return count(number, "document")


def last_success(ago: str) -> str:
    """Say when the last run began that came to its end."""
    return f"last success {ago}"


def next_sync(until: str) -> str:
    """Say when the next run is due."""
    return f"next {until}"


def gone(name: str) -> str:
    """Say that there is no such source."""
    return f"There is no source {name}"


def saved(name: str) -> str:
    """Say that changes of a source are kept."""
    return f"{name} was changed."


def mended(name: str) -> str:
    """Say that a failing source was changed and is tried again."""
    return f"{name} was changed and is tried again."


def worked(trial: Trial) -> str:
    """Say that a test went well."""
    found = f": {trial.found}" if trial.found else ""
    return f"This works{found}"


def trial_hint(trial: Trial) -> str:
    """Say what the list beneath a test is."""
    if not trial.listed:
        return "It lists no document so far."
    if trial.more:
        return f"The first {count(len(trial.listed), 'document')} that would be read:"
    return f"All that would be read, {count(len(trial.listed), 'document')}:"


def read_by(sampled: Sampled) -> str:
    """Say who would read a document."""
    allowed = ", ".join(one.removeprefix("group:") for one in sampled.allow) or "nobody"
    denied = ", ".join(one.removeprefix("group:") for one in sampled.deny)
    origin = " (as the source says)" if sampled.from_source else ""
    return f"Read by {allowed}{f', not by {denied}' if denied else ''}{origin}"


def stored_passwords(number: int) -> str:
    """Say how many passwords are tried."""
    return f"{count(number, 'password')} stored, encrypted; each is tried on a document that asks for one."


def full_sync_asked(name: str) -> str:
    """Say that everything of a source is fetched again."""
    return f"{name} is read anew"

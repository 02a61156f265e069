"""The texts on who may read what."""

from __future__ import annotations

from collections.abc import Sequence

from ui.access_models import Effect, Grant, Preview, Sees, Why
from ui.languages.en.formats import clock
from ui.languages.en.texts import count

ACCESS = "Access"
LEAD = "What somebody may read, and why; with a document named, whether they may read that one."
WHO, WHO_PLACEHOLDER = "Who", "ann, or group:hr"
WHO_HELP = "A person's id, or group: and a group's name for whoever is in that group alone."
SOURCE, KEY = "Source", "Document"
KEY_PLACEHOLDER = "hr/pay.md"
KEY_HELP = "Its key, as in the list of documents. Leave it empty to see all that this person or group may read."
LOOK = "Look"
NO_SOURCES = "There is no source that you look after."
ALLOWED, DENIED = "Allowed", "Denied"
LISTED = "Documents"
READERS_OF = "Readers"
RULE_TITLE = "Who may read a source"
DEFAULT = "Readers of everything else"
DEFAULT_HELP = (
    "Groups, or user:ID, separated by commas; - before a name denies in a rule. everyone is everybody, an empty field"
    " nobody."
)
RULES = "Rules, one a line"
RULES_PLACEHOLDER = "hr/**: hr, -temps"
RULES_HELP = "A glob of keys, a colon, and readers; - before a name denies. The last line whose glob matches counts."
PREVIEW, SET = "Preview", "Set"
NOTHING_CHANGES = "Nothing changes for anybody."
NAMES_STAY = "The other names that this source's own readers have here stay as they are."
RULE_SET = "The rule is set. What it takes away is gone now; what it gives comes when the source is synced."

_VERDICTS = {
    "allowed": "may read it",
    "denied": "may not read it: a denial wins",
    "not_granted": "may not read it: nothing allows it",
    "opened": "may read it: it is open by break-glass",
    "everything": "reads everything",
    "disabled": "does not read it: the account is disabled",
}
_WAYS = {
    "given": "given here",
    "provided": "by the identity provider",
    "everyone": "everybody is",
    "named": "as asked",
}


def verdict(why: Why) -> str:
    """Return the decision in a sentence."""
    return f"{named(why.subject)} {_VERDICTS[why.verdict]}."


def named(subject: str) -> str:
    """Return what a principal is called."""
    kind, _, name = subject.partition(":")
    return f"The group {name}" if kind == "group" else name


def chain(subject: str, grant: Grant) -> list[str]:
    """Return the steps from the person to the principal that the document has."""
    if not grant.path:
        return [named(subject), "named itself"]
    first, *more = grant.path
    way = _WAYS.get(grant.way, grant.way)
    start = [f"{first} ({way})"] if grant.way == "named" else [named(subject), f"{first} ({way})"]
    return [*start, *more]


def by_principal(what: str, principal: str) -> str:
    """Return what a grant does, and by which principal of the document's."""
    return f"{what} as {principal}"


def readers(why: Why) -> str:
    """Return who may read the document, and who says so."""
    said = ", ".join(why.allow) or "nobody"
    denied = f", but not {', '.join(why.deny)}" if why.deny else ""
    by = {"source": "as the source says", "rule": f"by the rule {why.glob}"}.get(why.origin, "by the rule's default")
    of = f" of {why.parent}, which it is in" if why.parent else ""
    return f"{said}{denied}, {by}{of}"


def coming(names: Sequence[str]) -> str:
    """Return who is to read the document from the next sync on."""
    return f"The rule was changed: from the next sync on {', '.join(names) or 'nobody'}."


def sight(found: Sees) -> str:
    """Return how much somebody may read."""
    private = f", and {count(found.private, 'document')} of people's uploads" if found.private else ""
    disabled = " The account is disabled: nobody signs in." if found.disabled else ""
    return f"{named(found.subject)} may read {count(found.documents, 'document')}{private}.{disabled}"


def folder(source: str, path: str, documents: int) -> tuple[str, str]:
    """Return a folder's name and how much of it is read."""
    return f"{source} / {path}" if path else source, count(documents, "document")


def and_more(shown: int, total: int) -> str:
    """Return how many documents are not named."""
    return f"and {total - shown} more"


def preview(found: Preview) -> str:
    """Return what a rule would change in a sentence."""
    of_source = ""
    if found.of_source:
        of_source = (
            f" {count(found.of_source, 'document')} of it have readers of the source's own, which count instead."
        )
    return f"{found.changed} of {count(found.documents, 'document')} would have other readers.{of_source}"


def effect(one: Effect) -> str:
    """Return what a rule would change for somebody."""
    parts = []
    if one.gained:
        parts.append(f"gains {one.gained}: {_some(one.gains, one.gained)}")
    if one.lost:
        parts.append(f"loses {one.lost}: {_some(one.losses, one.lost)}")
    return f"{one.before} before, {one.after} after; {'; '.join(parts)}"


def _some(keys: Sequence[str], total: int) -> str:
    more = f" and {total - len(keys)} more" if total > len(keys) else ""
    return ", ".join(keys) + more


def wrong_line(line: str) -> str:
    """Return what is wrong with a line of the rules."""
    return f"This line is no rule: {line}"


def opened_until(moment: float) -> tuple[str, str]:
    """Return the banner above a document that is open by break-glass."""
    return (
        f"Open by break-glass until {clock(moment)}",
        "No grant lets you read this document. That you opened it, and why, is kept.",
    )

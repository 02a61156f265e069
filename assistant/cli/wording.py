"""The words for people that several commands share: counts, names, failures. JSON has none of them."""

from __future__ import annotations

import re

from assistant.types import Failure
from assistant.wire import CountsJson

# What would break a line, move the cursor or turn the writing around, or cannot be written at all.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)  # fmt: skip


def escaped(text: str) -> str:
    r"""Return `text` on one line: a newline in a file's name as `\n`, other characters that print nothing likewise."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def counted(count: int, noun: str) -> str:
    """Return `1 document`, `1,200 documents`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def outcome(counts: CountsJson) -> str:
    """Return the counts of a run in words, those that are 0 left out.

    What the source listed is one number, what came of it another: documents in documents (files of an archive,
    attachments of a mail) are not listed, and counted all the same.
    """
    total = counts.added + counts.moved + counts.updated + counts.unchanged + counts.failed
    listed = f"{counted(counts.seen, 'document')} listed"
    if total > counts.seen:
        listed += f", {total:,} with those inside of them"
    by_outcome = {"added": counts.added, "moved": counts.moved, "updated": counts.updated}
    by_outcome |= {"unchanged": counts.unchanged, "failed": counts.failed, "deleted": counts.deleted}
    words = ", ".join(f"{count:,} {word}" for word, count in by_outcome.items() if count)
    return f"{listed}: {words}" if words else listed


def failure_line(failure: Failure) -> str:
    """Return what failed and why, the document's name once and first: most messages begin with it as well."""
    key, error = failure.key, failure.error
    rest = error.removeprefix(key)
    if rest == error or rest[:1] not in {":", " "}:
        rest = f": {error.replace(f' ({key})', '', 1)}"
    again = " (trying again may help)" if failure.retryable else ""
    return escaped(f"{key}{rest}{again}")

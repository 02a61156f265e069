"""Tries a source before it is trusted: whether it answers, and what it would list first."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

from assistant.errors import AssistantError, PluginError
from assistant.interfaces import DataSource
from assistant.types import Changed

SAMPLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source showed when it was tried.

    Attributes:
        found: what its probe says, a line; empty where it has none.
        listed: the first documents that it lists.
        more: whether it would have gone on: it lists others, or the time was over.
    """

    found: str
    listed: tuple[Changed, ...] = ()
    more: bool = False


def tried(source: DataSource, most: int, seconds: float = SAMPLE_SECONDS) -> Trial:
    """Try a source by its probe, if it has one, and by the begin of its listing.

    Args:
        source: as it would be configured.
        most: documents to take from the listing; with 0, one that has a probe is not listed.
        seconds: after which no further one is waited for; the first one takes what it takes.

    Raises:
        SourceError: it cannot be read.
        PluginError: its plugin fails.
    """
    probe = getattr(source, "probe", None)
    found = str(probe()) if probe is not None else ""
    if probe is not None and not most:
        return Trial(found)
    first: list[Changed] = []
    listing, until = source.changes(None), time.monotonic() + seconds
    more = False
    try:
        for change in listing:
            if not most:
                break
            if isinstance(change, Changed):
                if len(first) == most:
                    more = True
                    break
                first.append(change)
            if time.monotonic() > until:
                more = True
                break
    except AssistantError:
        raise
    except Exception as error:
        raise PluginError(
            f"the plugin failed while it listed: {type(error).__name__}: {error}", "report it to the plugin's author"
        ) from error
    finally:
        if isinstance(listing, Generator):
            listing.close()  # what it holds open is let go now
    return Trial(found, tuple(first), more)

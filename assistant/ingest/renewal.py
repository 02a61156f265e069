"""Writes points that earlier code left in an index as today's code does, from the catalog, without embedding."""

from __future__ import annotations

import logging
from collections.abc import Callable

from assistant.catalog import Catalog
from assistant.interfaces import Index
from assistant.types import LOCAL_OPERATOR

log = logging.getLogger(__name__)
_AT_ONCE = 200  # documents whose rows are read together


def renew(index: Index, catalog: Catalog, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Renew the documents of which the index says that they are outdated; killed in between, the rest is done later.

    Documents that the catalog does not know are left: nobody finds them, and whatever is to delete them will.

    Args:
        index: an index, current or not.
        catalog: knows what the documents say of themselves.
        should_stop: asked between documents.

    Returns:
        how many documents were renewed.

    Raises:
        IndexUnavailableError, StorageFullError: what is done stays done.
    """
    outdated = sorted(index.outdated())
    done = 0
    for start in range(0, len(outdated), _AT_ONCE):
        known = catalog.documents.readable(outdated[start : start + _AT_ONCE], LOCAL_OPERATOR)
        for info in known.values():
            if should_stop():
                return done
            index.renew(info.ref, info.metadata)
            done += 1
    if done:
        index.flush()
        index.outdated()  # it lets nothing through any more that is not asked for
        log.info("the index: %d documents were brought to today's layout", done)
    return done

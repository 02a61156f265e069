"""Embeds prepared documents together, and finds the one to blame where the embedder fails on them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from assistant.errors import AssistantError, EmbedderError
from assistant.ingest.prepare import Failed, Prepared
from assistant.ingest.reuse import FormerVectors
from assistant.interfaces import Vectors
from assistant.types import Failure

log = logging.getLogger(__name__)
_PROBE = "word"


def embed_all(former: FormerVectors, prepared: Sequence[Prepared]) -> tuple[list[Prepared], Vectors, list[Failed]]:
    """Embed the documents' texts; a document on which the embedder fails holds up no other one.

    Args:
        former: embeds, and takes over what is embedded already.
        prepared: the documents.

    Returns:
        the documents that were embedded, one row a text of theirs in order, and those that were not. Their failure can
        be retried: what is current of them stays until it is known to be no fault of the machine.

    Raises:
        Exception: the embedder's own, where it does not embed anything; those of `FormerVectors.embed`.
    """
    try:
        return list(prepared), former.embed(prepared), []
    except Exception as error:
        if not _may_be_of_a_document(error):
            raise
        former.embedder.embed_passages([_PROBE])  # raises where no document is to blame
        log.warning("%d documents are embedded one by one: %s: %s", len(prepared), type(error).__name__, error)
    embedded: list[Prepared] = []
    rows: list[Vectors] = [np.empty((0, former.embedder.dimension), dtype=np.float32)]
    failed: list[Failed] = []
    for step in prepared:
        try:
            rows.append(former.embed([step]))
            embedded.append(step)
        except Exception as error:
            if not _may_be_of_a_document(error):
                raise
            log.exception("source %s: %s could not be embedded", step.job.source, step.job.key)
            cause = f"the embedder {former.embedder.name} fails on its text: {type(error).__name__}: {error}"
            failure = Failure(step.job.key, f"{step.job.key}: {cause}", retryable=True, code=EmbedderError.__name__)
            failed.append(Failed(step.job, failure))
    return embedded, np.concatenate(rows), failed


def _may_be_of_a_document(error: Exception) -> bool:
    """Whether the embedder itself raised it, and not because it, the index or the catalog cannot be reached."""
    return not isinstance(error, AssistantError) or (isinstance(error, EmbedderError) and not error.retryable)

"""Turns what the Qdrant client raises into this project's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.errors import AssistantError, IndexUnavailableError, StorageFullError, VectorIndexError


@contextmanager
def translated(collection: str) -> Iterator[None]:
    """Turn what the client raises into this project's errors, which name the collection."""
    from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

    name = f"the index {collection!r} on the Qdrant server"
    try:
        yield
    except AssistantError:
        raise
    except ResponseHandlingException as error:
        raise IndexUnavailableError(f"{name} does not answer: {error}", "check the server and its URL") from error
    except UnexpectedResponse as error:
        reason = error.content.decode(errors="replace")[:300]
        if "No space left" in reason:
            raise StorageFullError(f"{name}: no space left on the server", "free space there") from error
        if error.status_code in {429, 500, 502, 503, 504}:
            raise IndexUnavailableError(f"{name}: {error.status_code} {reason}", "check the server's log") from error
        raise VectorIndexError(f"{name} refuses: {error.status_code} {reason}") from error
    except (ApiException, ValueError, RuntimeError) as error:
        raise VectorIndexError(f"{name}: {error}") from error

"""What the API says of failures and answers, in the session's language, with its own words kept."""

from __future__ import annotations

from collections.abc import Sequence

from ui import error_texts

# how its notes begin that say no more than the state of the answer, which the page says in its own words
_OF_STATE = {"stopped": "stopped;", "interrupted": "the model's server ended the answer in its middle"}


def error(message: str, hint: str, code: str) -> tuple[str, str]:
    """Return an error's message and hint as they are shown: those of the catalogue, with what the API said behind.

    Args:
        message, hint: as the API has them, in English.
        code: its word for the kind of error; where the catalogue does not know it, nothing changes.
    """
    known, step = error_texts.error(code)
    if not known:
        return message, hint
    detail = f"{message} ({hint})" if hint else message
    return known, f"{step} {error_texts.in_its_words(detail)}".strip()


def notes(said: Sequence[str], state: str = "complete") -> list[str]:
    """Return the notes of an answer that was left in this state, but for one that only says so."""
    known = _OF_STATE.get(state)
    return [error_texts.note(one) for one in said if known is None or not one.startswith(known)]

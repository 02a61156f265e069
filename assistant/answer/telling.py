"""Says what went wrong at a model's server in words that whoever asked may read: its address is for who manages it."""

from __future__ import annotations

import re
from copy import copy

from assistant.errors import ModelInterruptedError, ModelOverloadedError, ModelServerError, PromptTooLongError
from assistant.types import User

_ADDRESS = re.compile(r"(?: at)? ?\bhttps?://[^\s,;)\]]*[^\s,;)\].:]")
_OWN_STEP = (PromptTooLongError, ModelOverloadedError, ModelInterruptedError)  # whoever asked can do something about it
_STEP = "tell an admin: the page of models says what is wrong"


def told(error: ModelServerError, user: User) -> ModelServerError:
    """Return the error as `user` may see it.

    Args:
        error: as it was raised, with the server's address in its words.
        user: who asked; who manages the assistant gets all of it.
    """
    if user.manages:
        return error
    shown = copy(error)
    shown.message = _ADDRESS.sub("", error.message).strip()
    shown.hint = _ADDRESS.sub("", error.hint).strip() if isinstance(error, _OWN_STEP) else _STEP
    shown.args = (shown.message, shown.hint)
    return shown

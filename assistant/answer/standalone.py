"""Makes a follow-up question stand alone: by a quick model where there is one, else by the words of earlier turns."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from assistant.answer.rewrite import Standalone, rewrite
from assistant.answer.streams import Stopping
from assistant.errors import AssistantError
from assistant.herd import Herd
from assistant.prompts import standalone_messages
from assistant.types import Message, User

log = logging.getLogger(__name__)
_TOKENS = 200  # of a question
_PROMPT = 2000  # of the turns that are told, over-estimated


def stand_alone(
    question: str, history: Sequence[Message], user: User, herd: Herd, stopping: Stopping
) -> tuple[Standalone, str]:
    """Return the question made standalone, and the key of the model that did it, empty where none did.

    A model is asked only where one has the role `fast`; where it does not answer, the rule of `rewrite` holds.

    Args:
        question: as asked.
        history: the turns before it, oldest first.
        user: who asks.
        herd: the models.
        stopping: ends the model's work.
    """
    ruled = rewrite(question, history)
    if not history or not any("fast" in member.profile.roles for member in herd.offered(user)):
        return ruled, ""
    try:
        member = herd.route(user, "fast", tokens=_PROMPT, answer_tokens=_TOKENS).member
        stream = member.model.stream(standalone_messages(question, history), max_tokens=_TOKENS)
        with stopping.watched(stream) as pieces:
            written = " ".join("".join(piece.text for piece in pieces).split()).strip('"')
    except AssistantError as error:
        log.warning("a follow-up is rewritten by rule: %s", error)
        return ruled, ""
    if not written or len(written) > 4 * (len(ruled.text) + 200):  # no question, but an answer or worse
        return ruled, ""
    return Standalone(written, ruled.question, ruled.carried), member.profile.key
